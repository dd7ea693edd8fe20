import { teamsDirectory } from '../contract.ts';
import { provide } from '../kit.ts';
import { settingValues } from './settings.ts';

export const directory = provide(teamsDirectory, {
  async settings(ctx) {
    const { name } = await ctx.services.teams.get({});
    return { name, ...(await settingValues(ctx)) };
  },
  async billingContact(ctx) {
    await ctx.auth.require('teams:manage-billing');
    return (await ctx.db.billing.findOne({ key: 'contact' }))?.contact ?? null;
  },
});

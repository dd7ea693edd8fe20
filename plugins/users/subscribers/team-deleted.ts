import { subscriber } from '../kit.ts';
import { dropExports } from './erased.ts';

/** A team was deleted: what this plugin keeps for it goes as well. */
export const teamDeleted = subscriber({
  name: 'team-deleted',
  event: 'teams.deleted',
  retryLimit: 10,
  async handler(ctx) {
    await dropExports(ctx, {});
    await ctx.db.bulkRows.delete({});
    await ctx.db.bulkOperations.delete({});
  },
});

import type { TeamDeleted } from '../contract.ts';
import { subscriber } from '../kit.ts';

/** What this plugin keeps of a team goes with it. */
export const teamDeleted = subscriber<TeamDeleted>({
  name: 'team-deleted',
  event: 'teams.deleted',
  async handler(ctx) {
    await ctx.db.transaction(async (tx) => {
      await tx.db.invitations.delete({});
      await tx.db.settings.delete({});
      await tx.db.billing.delete({});
    });
  },
});

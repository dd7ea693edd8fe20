import { subscriber } from '../kit.ts';
import { dropAnalyses } from '../services/pipeline/end-analyses.ts';

/** A team was deleted, and all that was found out for it goes too. */
export const teamDeleted = subscriber({
  name: 'team-deleted',
  event: 'teams.deleted',
  retryLimit: 20,
  timeoutMs: 900_000,
  async handler(ctx) {
    await dropAnalyses(ctx, {});
    await ctx.db.recognisers.delete({});
  },
});

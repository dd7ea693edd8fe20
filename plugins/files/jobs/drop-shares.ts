import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** So long one can still see how often a link was used. */
const keptMs = 30 * 86_400_000;

/** Forgets links that expired long ago. */
export const dropShares = job('drop-shares', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 60_000,
  cron: '40 3 * * *',
  async handler(ctx) {
    return { dropped: await ctx.db.shares.delete({ expiresAt: { $lt: new Date(ctx.clock.now() - keptMs).toISOString() } }) };
  },
});

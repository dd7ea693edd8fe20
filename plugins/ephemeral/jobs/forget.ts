import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** How long it stays known that a session was. */
const keptMs = 86_400_000;

/** Removes records of sessions that have been over for a day. */
export const forget = job('forget', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 60_000,
  cron: '23 * * * *',
  async handler(ctx) {
    return { removed: await ctx.db.sessions.delete({ expiresAt: { $lt: new Date(ctx.clock.now() - keptMs).toISOString() } }) };
  },
});

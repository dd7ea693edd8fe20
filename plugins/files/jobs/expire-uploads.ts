import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { dropResumable } from '../services/resumables.ts';

/** Per run of the job; what is left waits for the next one. */
const batch = 500;

/** Forgets uploads that nobody went on with for a day, with what had arrived of them. */
export const expireUploads = job('expire-uploads', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 300_000,
  cron: '50 * * * *',
  async handler(ctx) {
    const { items } = await ctx.db.resumables.find({ where: { expiresAt: { $lt: ctx.clock.date().toISOString() } }, limit: batch });
    let expired = 0;
    for (const { id } of items) if (await dropResumable(ctx, id)) expired += 1;
    return { expired };
  },
});

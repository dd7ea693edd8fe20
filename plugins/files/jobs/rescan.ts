import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** Per run of the job; what is left waits for the next one. */
const batch = 1000;
/** Younger ones still have tries of their own ahead. */
const patienceMs = 600_000;

/** Asks again for scans that did not come about. */
export const rescan = job('rescan', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 120_000,
  cron: '10 * * * *',
  async handler(ctx) {
    const where = { scanState: 'pending' as const, updatedAt: { $lt: new Date(ctx.clock.now() - patienceMs).toISOString() } };
    const { items: documents } = await ctx.db.documents.find({ where, limit: batch });
    const { items: versions } = await ctx.db.versions.find({ where, limit: batch });
    for (const { id, contentId } of documents) await ctx.jobs.send('scan', { documentId: id, contentId }, { singletonKey: contentId });
    for (const { documentId, contentId } of versions) await ctx.jobs.send('scan', { documentId, contentId }, { singletonKey: contentId });
    return { asked: documents.length + versions.length };
  },
});

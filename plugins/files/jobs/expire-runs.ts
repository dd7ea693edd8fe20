import { Type } from '@proofpix/sdk';
import type { ProcessingExpired } from '../contract.ts';
import { job } from '../kit.ts';

/** A processor that lives reports far more often. */
const silenceMs = 3_600_000;
/** Per run of the job; what is left waits for the next one. */
const batch = 200;

const error = { code: 'PROCESSING_TIMED_OUT', message: 'Processing did not finish in time. It may be asked for again.' };

/** Fails runs that nobody reports on any more, so that no document stays queued or processing for ever. */
export const expireRuns = job('expire-runs', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 30,
  timeoutMs: 60_000,
  cron: '*/15 * * * *',
  async handler(ctx) {
    const silentSince = new Date(ctx.clock.now() - silenceMs).toISOString();
    const { items } = await ctx.db.documents.find({ where: { activeRunId: { $exists: true }, runSeenAt: { $lt: silentSince } }, limit: batch });
    let expired = 0;
    for (const { id, activeRunId: runId } of items) {
      if (runId === null) continue;
      expired += await ctx.db.transaction(async (tx) => {
        const changed = await tx.db.documents.update({ id, activeRunId: runId, runSeenAt: { $lt: silentSince } }, { status: 'failed', error, stage: null, activeRunId: null, runSeenAt: null });
        const payload: ProcessingExpired = { fileId: id, documentId: id, runId, error };
        if (changed > 0) await tx.events.emit('files.processing-expired', payload);
        return changed;
      });
    }
    return { expired };
  },
});

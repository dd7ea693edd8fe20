import { Type, type JsonObject } from '@proofpix/sdk';
import { processorReports } from '@proofpix/plugin-files/contract';
import { ProcessingFailed } from '../errors.ts';
import { job } from '../kit.ts';
import { runOf, unfinished } from '../services/pipeline/analysis.ts';

/** Longer than any try of a step takes. */
const silenceMs = 1_200_000;
/** Per run of the job; what is left waits for the next one. */
const batch = 100;

/** Ends runs whose job is a dead letter: one that took its node with it each time could not report so itself. */
export const failLostRuns = job('fail-lost-runs', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 30,
  timeoutMs: 60_000,
  cron: '*/10 * * * *',
  async handler(ctx) {
    const silentSince = new Date(ctx.clock.now() - silenceMs).toISOString();
    const { items } = await ctx.db.analyses.find({ where: { state: { $in: unfinished }, updatedAt: { $lt: silentSince } }, limit: batch });
    let failed = 0;
    for (const { id, fileId, jobId } of items) {
      const status = jobId === null ? null : await ctx.jobs.status(jobId);
      if (status !== null && ['queued', 'active', 'retrying'].includes(status.state)) continue;
      const error = { code: ProcessingFailed.code, message: ProcessingFailed().message };
      failed += await ctx.db.transaction(async (tx) => {
        const changed = await tx.db.analyses.update({ id, jobId, state: { $in: unfinished } }, { state: 'failed', errorCode: error.code, finishedAt: ctx.clock.date().toISOString(), draft: null });
        if (changed > 0) await tx.events.emit(processorReports.failed, { ...runOf({ id, fileId }), error } as JsonObject);
        return changed;
      });
    }
    return { failed };
  },
});

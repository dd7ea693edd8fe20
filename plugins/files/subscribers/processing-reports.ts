import { processorReports, type ProcessingCompleted, type ProcessingFailed, type ProcessingProgressed, type ProcessingStarted } from '../contract.ts';
import { subscriber } from '../kit.ts';

/**
 * Every handler changes the record only while the report's run is the active one, in one
 * conditional statement. So a repeated report, one that comes late or out of order, and one for a
 * deleted file change nothing.
 */

const started = subscriber<ProcessingStarted>({
  name: 'processing-started',
  event: processorReports.started,
  retryLimit: 5,
  async handler(ctx, { payload: { fileId, runId } }) {
    await ctx.db.documents.update({ id: fileId, activeRunId: runId, status: 'queued' }, { status: 'processing', runSeenAt: ctx.clock.date().toISOString() });
  },
});

const progressed = subscriber<ProcessingProgressed>({
  name: 'processing-progressed',
  event: processorReports.progressed,
  retryLimit: 5,
  async handler(ctx, { payload: { fileId, runId, progress, stage } }) {
    await ctx.db.documents.update({ id: fileId, activeRunId: runId, progress: { $lt: progress } }, { status: 'processing', progress, stage, runSeenAt: ctx.clock.date().toISOString() });
  },
});

const completed = subscriber<ProcessingCompleted>({
  name: 'processing-completed',
  event: processorReports.completed,
  retryLimit: 10,
  async handler(ctx, { payload: { fileId, runId, kind, metadata, location, warnings, summary = null }, emittedAt }) {
    await ctx.db.transaction(async (tx) => {
      const changed = await tx.db.documents.update({ id: fileId, activeRunId: runId }, { status: 'completed', progress: 1, stage: null, error: null, activeRunId: null, runSeenAt: null });
      if (changed === 0) return;
      await tx.db.results.upsert({ documentId: fileId, runId, kind, metadata, location, warnings, summary, completedAt: emittedAt }, ['documentId']);
    });
  },
});

const failed = subscriber<ProcessingFailed>({
  name: 'processing-failed',
  event: processorReports.failed,
  retryLimit: 10,
  async handler(ctx, { payload: { fileId, runId, error } }) {
    await ctx.db.documents.update({ id: fileId, activeRunId: runId }, { status: 'failed', error, stage: null, activeRunId: null, runSeenAt: null });
  },
});

export const processingReports = [started, progressed, completed, failed];

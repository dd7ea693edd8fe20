import { isError, type JobRun, type JsonObject } from '@proofpix/sdk';
import { type ProcessingCompleted, type ProcessingFailed, type ProcessingProgressed, type ProcessingStarted, processorReports } from '@proofpix/plugin-files/contract';
import { isPermanent, ProcessingFailed as LastResort } from '../errors.ts';
import type { IntelligenceContext } from '../kit.ts';
import type { ExtractDocument, SourceFile, Watch } from './extract-document.ts';

export interface ExtractData {
  runId: string;
  fileId: string;
}

/** Ticks of reading that people who watch one document get; smaller files have none. */
const tickBytes = 8_388_608;

const unfinished = { $in: ['queued', 'running'] } as const;

/** Opens the run's file; null when it was deleted or the run is over, which is no failure. */
async function openFile(ctx: IntelligenceContext, { runId, fileId }: ExtractData): Promise<SourceFile | null> {
  try {
    const { handle, ...file } = await ctx.services.documents.open({ fileId, runId });
    return { ...file, read: (range) => ctx.files.read(handle, range) };
  } catch (error) {
    if (!isError(error, 'NOT_FOUND') && !isError(error, 'RUN_NOT_ACTIVE')) throw error;
    await ctx.db.extractions.update({ id: runId, state: unfinished }, { state: 'cancelled' });
    return null;
  }
}

function watchOf(ctx: IntelligenceContext, run: ProcessingStarted): Watch {
  let tick = 0;
  const report = (stage: string, progress: number): ProcessingProgressed => ({ ...run, stage, progress });
  return {
    async reading(readBytes, ofBytes) {
      const now = Math.floor(readBytes / tickBytes);
      if (now === tick || readBytes === ofBytes) return;
      tick = now;
      await ctx.realtime.publish({ room: `document:${run.documentId}` }, 'document:progress', report('reading', (readBytes / ofBytes) * 0.5));
    },
    async stage(name) {
      const progress = name === 'metadata' ? 0.5 : 0.8;
      await ctx.events.emit(processorReports.progressed, report(name, progress));
      await ctx.jobs.progress(progress, name);
    },
  };
}

/**
 * One run from start to report. It may be repeated after a crash: each report hangs on a change of
 * the extraction's state in the same transaction, so `started`, and the one of `completed` and
 * `failed`, are emitted once.
 */
export function createExtractionRunner(dependencies: { extractDocument: ExtractDocument; retryLimit: number }) {
  return async function runExtraction(ctx: IntelligenceContext, { data, attempt }: JobRun<ExtractData>): Promise<JsonObject> {
    const { runId, fileId } = data;
    const run: ProcessingStarted = { documentId: fileId, fileId, runId };
    const extraction = await ctx.db.extractions.get(runId);
    if (extraction === null || (extraction.state !== 'queued' && extraction.state !== 'running')) return { state: extraction?.state ?? 'cancelled' };

    const change = (from: readonly ('queued' | 'running')[], patch: { state: 'running' | 'completed' | 'failed'; errorCode?: string }, event: string, payload: JsonObject) =>
      ctx.db.transaction(async (tx) => {
        if ((await tx.db.extractions.update({ id: runId, state: { $in: from } }, patch)) > 0) await tx.events.emit(event, payload);
      });
    const fail = (error: ProcessingFailed['error']) => change(['queued', 'running'], { state: 'failed', errorCode: error.code }, processorReports.failed, { ...run, error });

    try {
      const file = await openFile(ctx, data);
      if (file === null) return { state: 'cancelled' };
      await change(['queued'], { state: 'running' }, processorReports.started, run);
      const findings = await dependencies.extractDocument(file, extraction, watchOf(ctx, run));
      const payload: ProcessingCompleted = { ...run, ...findings };
      await change(['running'], { state: 'completed' }, processorReports.completed, payload as unknown as JsonObject);
      return { state: 'completed' };
    } catch (error) {
      if (isPermanent(error)) {
        await fail({ code: error.code, message: error.message });
        return { state: 'failed', error: error.code };
      }
      if (attempt > dependencies.retryLimit) await fail({ code: LastResort.code, message: LastResort().message });
      // Thrown also when it was the last attempt, so that operators find it among the dead letters.
      throw error;
    }
  };
}

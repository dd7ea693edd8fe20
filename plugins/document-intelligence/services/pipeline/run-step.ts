import { isError, type JobRun, type JsonObject, toWireError } from '@proofpix/sdk';
import { processorReports, type ProcessingFailed } from '@proofpix/plugin-files/contract';
import type { StepName } from '../../contract.ts';
import { EmptyFile, isMissingPlugin, isPassing, isPermanent, ProcessingFailed as LastResort } from '../../errors.ts';
import type { IntelligenceContext, IntelligenceTransaction } from '../../kit.ts';
import { documentOf, runOf, unfinished, type Analysis } from './analysis.ts';
import { finishAnalysis, type AnalysisPatch } from './finish-analysis.ts';
import { progressAt, watchProgress, type ProgressWatch } from './progress.ts';
import { stepInput } from './step-input.ts';
import type { StepPlan } from './steps.ts';
import type { StepOutcome } from './step-outcome.ts';
import { withDeadline } from './with-deadline.ts';

export interface StepData {
  analysisId: string;
  /** Null: nothing is left to run, only to finish. */
  name: StepName | null;
}

export interface StepRunnerDeps {
  plan: StepPlan;
  /** Tries after the first, of a step that fails by itself. */
  retryLimit: number;
  /** Tries after the first while a plugin that does the work has too much of it; at least {@link retryLimit}. */
  busyRetryLimit: number;
  /** Of one try, by step. */
  timeoutMs(step: StepName): number;
}

/** A run under way; with a handle to its content where that has just been opened. */
interface Begun {
  analysis: Analysis;
  handle: string | null;
}

/** What becomes of the run's record, with what has to be done before to know it. */
type PatchOf = (tx: IntelligenceTransaction) => Promise<AnalysisPatch>;

/** Rolls a transaction back whose run is over, or has gone on elsewhere. */
const superseded = Symbol('superseded');

const isOver = (error: unknown): boolean => isError(error, 'NOT_FOUND') || isError(error, 'RUN_NOT_ACTIVE');

/**
 * One step of one run, and what follows from it: its record and the next step's job, or the end of
 * the run and its report, in one transaction that only the job named by the run's record may make.
 * So a repetition after a crash changes nothing twice.
 */
export function createStepRunner({ plan, retryLimit, busyRetryLimit, timeoutMs }: StepRunnerDeps) {
  async function commit(ctx: IntelligenceContext, { id }: Analysis, jobId: string, patchOf: PatchOf, write: (tx: IntelligenceTransaction) => Promise<void>): Promise<boolean> {
    try {
      await ctx.db.transaction(async (tx) => {
        const patch = await patchOf(tx);
        // locks the record: who calls the run off waits, or has been quicker
        if ((await tx.db.analyses.update({ id, jobId, state: { $in: unfinished } }, { draft: null, ...patch })) === 0) throw superseded;
        await write(tx);
      });
      return true;
    } catch (error) {
      if (error === superseded) return false;
      throw error;
    }
  }

  /** Opens the run's file, for the first time or to see whether it is still wanted; false when not, which is no failure. */
  async function stillWanted(ctx: IntelligenceContext, analysis: Analysis): Promise<{ typeMismatch: boolean; handle: string } | null> {
    try {
      return await ctx.services.documents.open({ fileId: analysis.fileId, runId: analysis.id });
    } catch (error) {
      if (!isOver(error)) throw error;
      await ctx.db.analyses.update({ id: analysis.id, state: { $in: unfinished } }, { state: 'cancelled', finishedAt: ctx.clock.date().toISOString(), draft: null });
      return null;
    }
  }

  async function begin(ctx: IntelligenceContext, analysis: Analysis, jobId: string): Promise<Begun | null> {
    if (analysis.state === 'running') return { analysis, handle: null };
    const opened = await stillWanted(ctx, analysis);
    if (opened === null) return null;
    if (analysis.sizeBytes === 0) throw EmptyFile();
    const patch = { state: 'running' as const, typeMismatch: opened.typeMismatch };
    const begun = await commit(ctx, analysis, jobId, async () => patch, async (tx) => {
      await tx.events.emit(processorReports.started, { ...runOf(analysis) });
    });
    return begun ? { analysis: { ...analysis, ...patch }, handle: opened.handle } : null;
  }

  /** Null when the run turned out to be over. @throws what ends the run at once, or is worth another try */
  async function attemptStep(ctx: IntelligenceContext, { analysis, handle }: Begun, name: StepName, attempt: number, watch: ProgressWatch): Promise<StepOutcome | null> {
    const startedMs = ctx.clock.now();
    const outcome = (state: StepOutcome['state'], result: JsonObject | null, errorCode: string | null): StepOutcome => ({ name, state, result, errorCode, durationMs: Math.max(0, ctx.clock.now() - startedMs) });
    const step = plan.step(name);
    if (step === undefined) return outcome('skipped', null, 'STEP_UNKNOWN');
    const input = stepInput(ctx, analysis, handle, watch.report);
    try {
      const result = await withDeadline(step.run(ctx, input) as Promise<JsonObject>, timeoutMs(name));
      return outcome('completed', result, null);
    } catch (error) {
      if (isPermanent(error)) throw error;
      if (isMissingPlugin(error)) return outcome('skipped', null, 'PLUGIN_NOT_ENABLED');
      if (isOver(error) && (await stillWanted(ctx, analysis)) === null) return null;
      if (isPassing(error) && attempt <= (isError(error, 'UNAVAILABLE') ? busyRetryLimit : retryLimit)) throw error;
      const { code, kind, message } = toWireError(error);
      ctx.log.warn('a step failed for good', { step: name, code, message, runId: analysis.id });
      const saved = (await step.salvage?.(ctx, input)) ?? null;
      return saved === null ? outcome('failed', null, kind === 'internal' ? 'STEP_FAILED' : code) : outcome('completed', saved, null);
    }
  }

  async function goOn(ctx: IntelligenceContext, analysis: Analysis, jobId: string, outcome: StepOutcome, watch: ProgressWatch): Promise<string> {
    const hasText = outcome.name === 'text' ? Number(outcome.result?.['characters'] ?? 0) > 0 : analysis.hasText;
    const next = plan.after(outcome.name, documentOf(analysis), analysis.options, hasText);
    if (next === null) return finishAnalysis(ctx, analysis, outcome, (patch, write) => commit(ctx, analysis, jobId, async () => patch, write));
    const told = watch.due();
    const done = await commit(ctx, analysis, jobId, async (tx) => ({ step: outcome.name, hasText, jobId: await tx.jobs.send('step', { analysisId: analysis.id, name: next }) }), async (tx) => {
      await tx.db.steps.upsert({ ...outcome, analysisId: analysis.id, fileId: analysis.fileId }, ['analysisId', 'name']);
      if (told) await tx.events.emit(processorReports.progressed, { ...runOf(analysis), progress: progressAt(next, 0), stage: next });
    });
    return done ? 'running' : 'cancelled';
  }

  return async function runStep(ctx: IntelligenceContext, { id: jobId, data, attempt }: JobRun<StepData>): Promise<JsonObject> {
    const found = await ctx.db.analyses.get(data.analysisId);
    if (found === null || found.jobId !== jobId || !unfinished.some((state) => state === found.state)) return { state: found?.state ?? 'cancelled' };

    const fail = (error: ProcessingFailed['error']) =>
      commit(ctx, found, jobId, async () => ({ state: 'failed', errorCode: error.code, step: data.name, finishedAt: ctx.clock.date().toISOString() }), async (tx) => {
        if (data.name !== null && found.state === 'running') await tx.db.steps.upsert({ analysisId: found.id, fileId: found.fileId, name: data.name, state: 'failed', result: null, errorCode: error.code, durationMs: 0 }, ['analysisId', 'name']);
        await tx.events.emit(processorReports.failed, { ...runOf(found), error });
      });

    try {
      const begun = await begin(ctx, found, jobId);
      if (begun === null) return { state: 'cancelled' };
      const { analysis } = begun;
      if (data.name === null) return { state: await finishAnalysis(ctx, analysis, null, (patch, write) => commit(ctx, analysis, jobId, async () => patch, write)) };
      const before = attempt > 1 ? ((await ctx.jobs.status(jobId))?.progress ?? 0) : 0;
      const watch = watchProgress(ctx, analysis, data.name, before);
      const outcome = await attemptStep(ctx, begun, data.name, attempt, watch);
      return { state: outcome === null ? 'cancelled' : await goOn(ctx, analysis, jobId, outcome, watch) };
    } catch (error) {
      if (isPermanent(error)) {
        await fail({ code: error.code, message: error.message });
        return { state: 'failed', error: error.code };
      }
      if (attempt <= (isError(error, 'UNAVAILABLE') ? busyRetryLimit : retryLimit)) throw error;
      await fail({ code: LastResort.code, message: LastResort().message });
      ctx.log.error('a run failed for good', { step: data.name, code: toWireError(error).code, runId: found.id });
      return { state: 'failed', error: LastResort.code };
    }
  };
}

import { isError } from '@proofpix/sdk';
import type { ProcessRequested } from '@proofpix/plugin-files/contract';
import type { IntelligenceContext } from '../../kit.ts';
import { documentOf } from './analysis.ts';
import type { StepPlan } from './steps.ts';

/** Record and first job of a run, in one transaction; once, however often it is asked for. */
export function createAnalysisStarter({ plan }: { plan: StepPlan }) {
  return async function startAnalysis(ctx: IntelligenceContext, { runId, fileId, filename, mimeType, sizeBytes, sha256, options: asked }: ProcessRequested): Promise<void> {
    const options = { extractMetadata: asked.extractMetadata, ocr: asked.ocr ?? ('auto' as const) };
    const fresh = { id: runId, fileId, filename, mimeType, sizeBytes, sha256, options, state: 'queued' as const, step: null, errorCode: null, finishedAt: null, typeMismatch: false, hasText: null, jobId: null, draft: null, labels: [] };
    try {
      await ctx.db.transaction(async (tx) => {
        const jobId = await tx.jobs.send('step', { analysisId: runId, name: plan.after(null, documentOf(fresh), options, null) });
        await tx.db.analyses.insert({ ...fresh, jobId });
      });
    } catch (error) {
      // The run's id is the record's: a second delivery finds it taken, and its job sent.
      if (!isError(error, 'CONFLICT')) throw error;
    }
  };
}

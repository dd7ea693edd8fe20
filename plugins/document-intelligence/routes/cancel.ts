import { CancelledAnalysis, JobParams } from '../analysis-schemas.ts';
import { route } from '../kit.ts';
import { cancelAnalysis } from '../services/pipeline/end-analyses.ts';
import { findAnalysis } from '../services/pipeline/find-analysis.ts';

export const cancel = route({
  name: 'cancel',
  method: 'POST',
  path: '/api/document-intelligence/results/:jobId/cancel',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'Call an analysis off; the document is failed with CANCELLED, and may be analysed again',
  params: JobParams,
  idempotent: true,
  response: CancelledAnalysis,
  async handler(ctx, { params: { jobId } }) {
    const { fileId } = await findAnalysis(ctx, jobId);
    const { cancelled } = await ctx.services.processing.cancel({ fileId, runId: jobId });
    // the event of `files` would do it too, a moment later
    await cancelAnalysis(ctx, jobId);
    return { id: jobId, cancelled };
  },
});

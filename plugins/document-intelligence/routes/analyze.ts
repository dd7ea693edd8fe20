import { NotFound, ValidationError } from '@proofpix/sdk';
import { Analyze, StartedAnalysis } from '../analysis-schemas.ts';
import { route } from '../kit.ts';
import { createAnalysisStarter } from '../services/pipeline/start-analysis.ts';
import { planSteps, steps } from '../services/pipeline/steps.ts';

const startAnalysis = createAnalysisStarter({ plan: planSteps(steps) });

/** `files` starts the run, as for any other, and asks by event; what the caller polls is there at once. */
export const analyze = route({
  name: 'analyze',
  method: 'POST',
  path: '/api/document-intelligence/analyze',
  access: 'tenant',
  permission: 'document-intelligence:extract',
  summary: 'Find out all about a document: what it is, what it says of itself, its text, language, entities and risks',
  body: { json: Analyze, maxBytes: 4096 },
  status: 202,
  response: StartedAnalysis,
  async handler(ctx, { body: { documentId, fileId, options = {} } }) {
    const id = documentId ?? fileId;
    if (id === undefined) throw ValidationError({ message: 'Name a document.', details: { field: 'body.documentId', issue: 'is required' } });
    if (documentId !== undefined && fileId !== undefined && documentId !== fileId) throw NotFound({ message: 'There is no such document.' });
    const asked = { extractMetadata: options.extractMetadata ?? true, ocr: options.ocr ?? ('auto' as const) };
    const { runId } = await ctx.services.processing.start({ fileId: id, replace: options.replace ?? false, options: asked });
    const { filename, mimeType, sizeBytes, sha256 } = await ctx.services.documents.open({ fileId: id, runId });
    await startAnalysis(ctx, { runId, fileId: id, documentId: id, filename, mimeType, sizeBytes, sha256, options: asked });
    return { id: runId, jobId: runId, documentId: id, status: 'queued' as const };
  },
});

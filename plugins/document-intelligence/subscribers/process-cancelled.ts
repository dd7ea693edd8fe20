import type { ProcessCancelled } from '@proofpix/plugin-files/contract';
import { subscriber } from '../kit.ts';
import { cancelAnalysis } from '../services/pipeline/end-analyses.ts';

/** A run that has not been asked for yet, because events overtake each other, ends by itself when it finds its file closed. */
export const processCancelled = subscriber<ProcessCancelled>({
  name: 'process-cancelled',
  event: 'files.process-cancelled',
  retryLimit: 10,
  handler: async (ctx, { payload: { runId } }) => void (await cancelAnalysis(ctx, runId)),
});

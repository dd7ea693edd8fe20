import type { ProcessRequested } from '@proofpix/plugin-files/contract';
import { subscriber } from '../kit.ts';
import { createAnalysisStarter } from '../services/pipeline/start-analysis.ts';
import { planSteps, steps } from '../services/pipeline/steps.ts';

const startAnalysis = createAnalysisStarter({ plan: planSteps(steps) });

export const processRequested = subscriber<ProcessRequested>({
  name: 'process-requested',
  event: 'files.process-requested',
  retryLimit: 10,
  handler: (ctx, { payload }) => startAnalysis(ctx, payload),
});

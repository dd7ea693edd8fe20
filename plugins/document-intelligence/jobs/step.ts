import { Type } from '@proofpix/sdk';
import { stepNames } from '../contract.ts';
import { job } from '../kit.ts';
import { createStepRunner } from '../services/pipeline/run-step.ts';
import { planSteps, steps } from '../services/pipeline/steps.ts';

const retryLimit = 3;
/** With the delay below, doubled each time, whoever is busy has more than an hour. */
const busyRetryLimit = 10;
const minuteMs = 60_000;

export const step = job('step', {
  schema: Type.Object({ analysisId: Type.String({ format: 'uuid' }), name: Type.Union([Type.Enum([...stepNames]), Type.Null()]) }),
  retryLimit: busyRetryLimit,
  retryDelaySeconds: 5,
  // above what any step may take, so that the step's own deadline decides
  timeoutMs: 15 * minuteMs,
  handler: createStepRunner({ plan: planSteps(steps), retryLimit, busyRetryLimit, timeoutMs: (name) => (name === 'text' ? 14 * minuteMs : 2 * minuteMs) }),
});

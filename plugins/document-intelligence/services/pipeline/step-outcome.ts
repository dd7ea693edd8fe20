import type { JsonObject } from '@proofpix/sdk';
import type { StepName } from '../../contract.ts';

/** How a step ended. */
export interface StepOutcome {
  name: StepName;
  state: 'completed' | 'failed' | 'skipped';
  result: JsonObject | null;
  errorCode: string | null;
  durationMs: number;
}

import { toWireError } from '@proofpix/sdk';
import type { StepWarning } from '../contract.ts';

/** Does something for a step; what fails becomes a warning and null. */
export type Attempt = <T>(step: string, run: () => Promise<T>) => Promise<T | null>;

/** @param isOver a session that has ended ends the work, and is no step that failed */
export function attempts(warnings: StepWarning[], isOver: () => boolean): Attempt {
  return async (step, run) => {
    try {
      return await run();
    } catch (error) {
      if (isOver()) throw error;
      const { code, message } = toWireError(error);
      if (!warnings.some((one) => one.step === step && one.code === code)) warnings.push({ step, code: code.slice(0, 60), message: message.slice(0, 500) });
      return null;
    }
  };
}

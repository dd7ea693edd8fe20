import { StepTimedOut } from '../../errors.ts';

/**
 * What `work` answers, if it does in time. What it still does after that is cut off when the call ends, which follows.
 *
 * @throws STEP_TIMED_OUT
 */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(StepTimedOut()), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

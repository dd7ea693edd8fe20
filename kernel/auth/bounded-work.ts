import { Unavailable } from '@proofpix/sdk';

/**
 * Runs at most `atOnce` tasks and lets at most `waiting` more wait. Hashing is slow on purpose: without a bound, a
 * burst of logins would hold every core and every request.
 */
export function boundedWork({ atOnce, waiting, refusal = 'Too many logins at once.' }: { atOnce: number; waiting: number; refusal?: string }): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (task) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw Unavailable({ message: refusal, retryAfterSeconds: 2 });
      // whoever ends hands its place over, so `running` stays as it is
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

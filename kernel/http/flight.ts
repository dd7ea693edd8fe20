import type { ServerResponse } from 'node:http';

/** Counts requests whose reply is not closed yet. */
export interface Flight {
  /** `after` runs when the reply is closed, complete or not. */
  enter(response: ServerResponse, after?: () => void): void;
  /** Counts something until the returned function is called. */
  hold(): () => void;
  count(): number;
  /** Resolves true when nothing is in flight, false at the deadline. */
  landed(timeoutMs: number): Promise<boolean>;
}

export function createFlight(): Flight {
  let count = 0;
  const waiting = new Set<() => void>();
  const leave = (): void => {
    count -= 1;
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  return {
    enter(response, after) {
      count += 1;
      const closed = (): void => {
        leave();
        after?.();
      };
      // a client that left while we were asking who it is never closes again
      if (response.closed) process.nextTick(closed);
      else response.once('close', closed);
    },
    hold() {
      count += 1;
      let held = true;
      return () => {
        if (held) leave();
        held = false;
      };
    },
    count: () => count,
    landed(timeoutMs) {
      if (count === 0) return Promise.resolve(true);
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          resolve(true);
        };
        const timer = setTimeout(() => {
          waiting.delete(done);
          resolve(false);
        }, timeoutMs);
        waiting.add(done);
      });
    },
  };
}

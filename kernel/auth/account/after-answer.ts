import { Unavailable } from '@proofpix/sdk';
import { boundedWork } from '../bounded-work.ts';

/**
 * Work that begins when the answer is already given, so that how long it takes tells nobody anything. What it has not
 * done when the process ends is lost: only for what people ask for again.
 */
export interface AfterAnswer {
  /** @throws UNAVAILABLE when too much waits, whatever it is for */
  add(task: () => Promise<void>): void;
  /** Resolves when nothing is left, or after `timeoutMs`. */
  idle(timeoutMs: number): Promise<void>;
}

const atOnce = 2;
const most = 500;

export function afterAnswer({ log }: { log: { warn(fields: object, message: string): void } }): AfterAnswer {
  const inTurn = boundedWork({ atOnce, waiting: most });
  const left = new Set<Promise<void>>();
  return {
    add(task) {
      if (left.size >= most) throw Unavailable({ message: 'Too many requests at once.', retryAfterSeconds: 5 });
      const done = inTurn(task)
        .catch((error: unknown) => log.warn({ err: error }, 'what was to be done after an answer failed'))
        .finally(() => left.delete(done));
      left.add(done);
    },
    async idle(timeoutMs) {
      let late: NodeJS.Timeout | undefined;
      await Promise.race([Promise.all(left), new Promise((resolve) => (late = setTimeout(resolve, timeoutMs)))]);
      clearTimeout(late);
    },
  };
}

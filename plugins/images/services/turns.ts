import { DeadlineExceeded, Unavailable } from '@proofpix/sdk';

export interface Turns {
  /**
   * Runs `work` when it is its turn, first come, first served.
   *
   * @param weight slots taken; more than there are counts as all
   * @param deadlineMs since the epoch; who still waits then is turned away
   * @throws UNAVAILABLE when too many wait, DEADLINE_EXCEEDED
   */
  take<T>(weight: number, deadlineMs: number, work: () => Promise<T>): Promise<T>;
}

/** Bounds what is decoded at once on a node: pictures are small in a file and large in memory. */
export function createTurns({ slots, maxWaiting }: { slots: number; maxWaiting: number }): Turns {
  let free = slots;
  const waiting: { weight: number; start: () => void }[] = [];

  function serve(): void {
    for (let next = waiting[0]; next !== undefined && next.weight <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.weight;
      next.start();
    }
  }

  async function wait(weight: number, deadlineMs: number): Promise<void> {
    if (waiting.length === 0 && weight <= free) {
      free -= weight;
      return;
    }
    if (waiting.length >= maxWaiting) throw Unavailable({ message: 'Too many pictures at once. Try again soon.', retryAfterSeconds: 5 });
    await new Promise<void>((resolve, reject) => {
      const turn = { weight, start: () => (clearTimeout(timer), resolve()) };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(DeadlineExceeded());
        serve();
      }, Math.max(0, deadlineMs - Date.now()));
      waiting.push(turn);
    });
  }

  return {
    async take(weight, deadlineMs, work) {
      const share = Math.min(weight, slots);
      await wait(share, deadlineMs);
      try {
        return await work();
      } finally {
        free += share;
        serve();
      }
    },
  };
}

import { Unavailable } from '@proofpix/sdk';

/** Bytes that this process may hold at once for reading whole files, shared by all tenants' jobs. */
export interface ByteBudget {
  /**
   * Runs `work` while it holds `bytes` of the budget, first come, first served. More than the
   * whole budget counts as the whole.
   *
   * @throws UNAVAILABLE when too many wait, or the wait takes too long: the job is retried.
   */
  hold<T>(bytes: number, work: () => Promise<T>): Promise<T>;
}

export function createByteBudget(options: { totalBytes: number; maxWaiting: number; waitMs: number }): ByteBudget {
  let free = options.totalBytes;
  const waiting: { bytes: number; start: () => void }[] = [];

  function serve(): void {
    for (let next = waiting[0]; next !== undefined && next.bytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.bytes;
      next.start();
    }
  }

  async function take(bytes: number): Promise<void> {
    if (waiting.length === 0 && bytes <= free) {
      free -= bytes;
      return;
    }
    if (waiting.length >= options.maxWaiting) throw Unavailable({ message: 'Too many files wait to be read.' });
    await new Promise<void>((resolve, reject) => {
      const entry = { bytes, start: () => (clearTimeout(timer), resolve()) };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(Unavailable({ message: 'The file waited too long to be read.' }));
        serve();
      }, options.waitMs);
      waiting.push(entry);
    });
  }

  return {
    async hold(bytes, work) {
      const share = Math.min(bytes, options.totalBytes);
      await take(share);
      try {
        return await work();
      } finally {
        free += share;
        serve();
      }
    },
  };
}

import { Worker } from 'node:worker_threads';
import type { Outcome, Seat } from './seat.ts';

export interface ThreadOptions<Q> {
  /** A module that calls `serveThread`. */
  entry: URL;
  /** Of JavaScript objects; the content of buffers is not counted. */
  maxHeapMb: number;
  /** Buffers of a request that move to the thread instead of being copied; the caller may not use them afterwards. */
  transferOf?(request: Q): ArrayBuffer[];
}

/** A thread with a heap of its own, without environment variables. */
export function createThreadSeat<Q, A>({ entry, maxHeapMb, transferOf = () => [] }: ThreadOptions<Q>): Seat<Q, A> {
  // A small nursery: libraries and tables make much that is dropped at once, and memory that a thread once took stays with the process.
  const worker = new Worker(entry, { env: {}, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: maxHeapMb } });
  let settle: { resolve(outcome: Outcome<A>): void; reject(error: unknown): void } | null = null;
  let broken: unknown;

  function breakWith(cause: unknown): void {
    broken ??= cause;
    settle?.reject(cause);
    settle = null;
  }

  worker.on('message', (outcome: Outcome<A>) => {
    settle?.resolve(outcome);
    settle = null;
  });
  worker.on('messageerror', breakWith);
  worker.on('error', breakWith);
  worker.on('exit', (code) => breakWith(new Error(`The thread ended with code ${code}.`)));

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        settle = { resolve, reject };
        worker.postMessage(request, transferOf(request));
      }),
    usable: () => broken === undefined,
    async end() {
      settle = null;
      await worker.terminate();
    },
    busy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
  };
}

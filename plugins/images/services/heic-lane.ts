import { Worker } from 'node:worker_threads';
import { Unavailable } from '@proofpix/sdk';
import { ImageBroken, ImageTooLarge } from '../errors.ts';
import type { Answer, Request } from '../worker/messages.ts';

/**
 * A thread for decoding HEIC, which takes a second for 12 megapixels and is done in WebAssembly. Started by the first
 * picture, ended when idle, and killed when a picture holds it up.
 */
export interface HeicLane {
  /** @throws IMAGE_BROKEN, IMAGE_TOO_LARGE (also when it took too long), UNAVAILABLE when too many wait */
  decode(content: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<{ width: number; height: number; data: Uint8Array<ArrayBuffer> }>;
  close(): Promise<void>;
}

interface Pending {
  request: Request;
  resolve(answer: Answer & { ok: true }): void;
  reject(error: Error): void;
}

export function createHeicLane({ timeoutMs = 15_000, idleMs = 30_000, maxWaiting = 8, entry = new URL('../worker/heic-worker.ts', import.meta.url) } = {}): HeicLane {
  const waiting: Pending[] = [];
  let thread: Worker | null = null;
  let current: Pending | null = null;
  let timer: NodeJS.Timeout | undefined;

  /** Nobody waits for a thread that may be in an endless loop to end. */
  function stop(): void {
    const old = thread;
    thread = null;
    old?.removeAllListeners();
    old?.on('error', () => undefined);
    void old?.terminate();
  }

  function settle(finish: (pending: Pending) => void): void {
    clearTimeout(timer);
    const done = current;
    current = null;
    if (done !== null) finish(done);
    next();
  }

  function failed(error: Error): void {
    stop();
    settle((pending) => pending.reject(error));
  }

  function start(): Worker {
    const worker = new Worker(entry, { env: {}, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 } });
    worker.on('message', (answer: Answer) =>
      settle((pending) => {
        if (answer.ok) pending.resolve(answer);
        else pending.reject(answer.tooLarge ? ImageTooLarge({ details: { limit: 'pixels' } }) : ImageBroken({ cause: answer.message }));
      }),
    );
    worker.on('error', (cause) => failed(ImageBroken({ cause })));
    worker.on('exit', () => failed(ImageBroken()));
    return worker;
  }

  function next(): void {
    if (current !== null) return;
    clearTimeout(timer);
    const pending = waiting.shift();
    if (pending === undefined) {
      thread?.unref();
      if (thread !== null) timer = setTimeout(stop, idleMs).unref();
      return;
    }
    current = pending;
    thread ??= start();
    thread.ref();
    timer = setTimeout(() => failed(ImageTooLarge({ details: { limit: 'time' } })), timeoutMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    thread.postMessage(pending.request);
  }

  return {
    decode(content, maxPixels) {
      if (waiting.length >= maxWaiting) return Promise.reject(Unavailable({ message: 'Too many pictures at once. Try again soon.', retryAfterSeconds: 5 }));
      return new Promise((resolve, reject) => {
        waiting.push({ request: { content, maxPixels }, resolve: ({ width, height, data }) => resolve({ width, height, data }), reject });
        next();
      });
    },
    async close() {
      clearTimeout(timer);
      for (const pending of waiting.splice(0)) pending.reject(Unavailable());
      current?.reject(Unavailable());
      current = null;
      const old = thread;
      thread = null;
      old?.removeAllListeners();
      await old?.terminate();
    },
  };
}

/** The one of this process. */
export const heicLane = createHeicLane();

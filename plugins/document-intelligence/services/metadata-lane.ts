import { Worker } from 'node:worker_threads';
import { Unavailable } from '@proofpix/sdk';
import type { Place } from '@proofpix/plugin-files/contract';
import { UnreadableMetadata } from '../errors.ts';
import type { Answer, Request, TagReport } from '../worker/messages.ts';

/**
 * A thread for parsing what strangers wrote into their files, and for the table of places: both
 * take CPU and memory that the server's own thread must not spend. Started by the first request,
 * ended when idle, and killed when a file holds it up.
 */
export interface MetadataLane {
  /** @throws UNREADABLE_METADATA when it took too long or too much memory; UNAVAILABLE when too many wait. `content` is moved away. */
  readTags(content: Uint8Array<ArrayBuffer> | null, xmp: Uint8Array<ArrayBuffer> | null): Promise<TagReport>;
  /** @throws like {@link readTags} */
  findPlace(position: { latitude: number; longitude: number }): Promise<Place | null>;
  close(): Promise<void>;
}

export interface LaneOptions {
  /** Per request, from when the thread takes it up. */
  timeoutMs?: number;
  idleMs?: number;
  maxWaiting?: number;
  maxHeapMb?: number;
  /** The thread's entry; another one in tests. */
  entry?: URL;
}

interface Pending {
  request: Request;
  resolve(value: TagReport | Place | null): void;
  reject(error: Error): void;
}

export function createMetadataLane(options: LaneOptions = {}): MetadataLane {
  const { timeoutMs = 15_000, idleMs = 60_000, maxWaiting = 256, maxHeapMb = 256, entry = new URL('../worker/metadata-worker.ts', import.meta.url) } = options;
  const waiting: Pending[] = [];
  let thread: Worker | null = null;
  let current: Pending | null = null;
  let timer: NodeJS.Timeout | undefined;

  function settle(finish: (pending: Pending) => void): void {
    clearTimeout(timer);
    const done = current;
    current = null;
    if (done !== null) finish(done);
    next();
  }

  function drop(cause: unknown): void {
    const old = thread;
    thread = null;
    old?.removeAllListeners();
    // The thread may be in an endless loop; nobody waits for it to end.
    old?.on('error', () => undefined);
    void old?.terminate();
    settle((pending) => pending.reject(UnreadableMetadata({ cause })));
  }

  function start(): Worker {
    // A small nursery: loading the table of places makes much that is dropped at once, and memory that a thread once took stays with the process.
    const worker = new Worker(entry, { env: {}, resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: maxHeapMb } });
    worker.on('message', (answer: Answer) => settle((pending) => (answer.ok ? pending.resolve(answer.value) : pending.reject(UnreadableMetadata({ cause: answer.message })))));
    worker.on('error', drop);
    worker.on('exit', drop);
    return worker;
  }

  function rest(): void {
    clearTimeout(timer);
    if (thread === null) return;
    // An idle thread keeps neither the process alive nor its memory for long.
    thread.unref();
    timer = setTimeout(() => {
      const idle = thread;
      thread = null;
      idle?.removeAllListeners();
      void idle?.terminate();
    }, idleMs).unref();
  }

  function next(): void {
    if (current !== null) return;
    const pending = waiting.shift();
    if (pending === undefined) return rest();
    current = pending;
    clearTimeout(timer);
    thread ??= start();
    thread.ref();
    timer = setTimeout(() => drop(`no answer within ${timeoutMs} ms`), timeoutMs);
    const { request } = pending;
    thread.postMessage(request, request.kind === 'read-tags' && request.content !== null ? [request.content.buffer] : []);
  }

  function ask(request: Request): Promise<TagReport | Place | null> {
    if (waiting.length >= maxWaiting) return Promise.reject(Unavailable({ message: 'Too many files wait for their metadata to be read.' }));
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      next();
    });
  }

  return {
    readTags: async (content, xmp) => (await ask({ kind: 'read-tags', content, xmp })) as TagReport,
    findPlace: async (position) => (await ask({ kind: 'find-place', ...position })) as Place | null,
    async close() {
      clearTimeout(timer);
      for (const pending of waiting.splice(0)) pending.reject(Unavailable());
      const old = thread;
      thread = null;
      old?.removeAllListeners();
      current?.reject(Unavailable());
      current = null;
      await old?.terminate();
    },
  };
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { GreyPicture } from './grey-picture.ts';

const { resolve } = createRequire(import.meta.url);

/** A line's words as Tesseract answers them: boxes in pixels, confidence in percent. */
export interface TesseractWord {
  text: string;
  confidence: number;
  bbox: { x0: number; y0: number; x1: number; y1: number };
}

export interface TesseractBlock {
  paragraphs: readonly { lines: readonly { words: readonly TesseractWord[] }[] }[];
}

/** Tesseract in a thread of its own. One picture at a time. */
export interface ReadingThread {
  /** `picture` is moved away. @throws whatever went wrong; the thread is to be stopped then */
  read(picture: GreyPicture): Promise<readonly TesseractBlock[]>;
  /** An idle thread does not keep the process alive. */
  rest(): void;
  /** Rejects what is under way. Nobody waits for a thread that may be busy for long. */
  stop(): void;
}

/** What a thread answers: progress, or the end of an action. */
interface Packet {
  action: string;
  status: 'progress' | 'resolve' | 'reject';
  data: unknown;
}

/** Columns, tables and single lines are found by Tesseract itself (`PSM_AUTO`). */
const pageSegmentation = '3';
/** `OEM_LSTM_ONLY`, for which the data of the model is. */
const engine = 1;

/**
 * Speaks with the script that tesseract.js runs in its threads, and not through `createWorker`: that one neither tells
 * of a thread that died nor lets one be stopped that has not finished starting.
 *
 * @param language of the installed model; its data is read from the package, and neither fetched nor cached anywhere
 * @param entry another script in tests
 */
export function startReading(language: string, entry = new URL('../worker/reading-worker.ts', import.meta.url)): ReadingThread {
  const thread = new Worker(entry, { env: {}, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 } });
  let pending: { action: string; resolve(data: unknown): void; reject(error: Error): void } | null = null;

  function settle(finish: (done: NonNullable<typeof pending>) => void): void {
    const done = pending;
    pending = null;
    if (done !== null) finish(done);
  }
  const fail = (error: Error): void => settle((done) => done.reject(error));

  thread.on('message', ({ action, status, data }: Packet) => {
    if (action !== pending?.action || status === 'progress') return;
    if (status === 'resolve') settle((done) => done.resolve(data));
    else fail(new Error(String(data)));
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread ended')));

  function ask(action: string, payload: object, moved: readonly ArrayBufferLike[] = []): Promise<unknown> {
    return new Promise((settled, reject) => {
      pending = { action, resolve: settled, reject };
      thread.postMessage({ workerId: 'ocr', jobId: action, action, payload }, [...moved] as ArrayBuffer[]);
    });
  }

  async function start(): Promise<void> {
    await ask('load', { options: { lstmOnly: true, logging: false } });
    const langPath = join(dirname(resolve(`@tesseract.js-data/${language}/package.json`)), '4.0.0_best_int');
    await ask('loadLanguage', { langs: [language], options: { langPath, cacheMethod: 'none', gzip: true, lstmOnly: true } });
    await ask('initialize', { langs: [language], oem: engine, config: {} });
    await ask('setParameters', { params: { tessedit_pageseg_mode: pageSegmentation } });
  }

  let started: Promise<void> | null = null;
  return {
    async read(picture) {
      thread.ref();
      await (started ??= start());
      const { blocks } = (await ask('recognize', { image: picture, options: {}, output: { text: false, blocks: true } }, [picture.data.buffer])) as { blocks: readonly TesseractBlock[] | null };
      return blocks ?? [];
    },
    rest: () => thread.unref(),
    stop() {
      fail(new Error('the thread was stopped'));
      thread.removeAllListeners();
      thread.on('error', () => undefined);
      void thread.terminate();
    },
  };
}

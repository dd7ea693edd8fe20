import { DeadlineExceeded, Unavailable } from '@proofpix/sdk';
import { ImageBroken } from '../errors.ts';
import type { GreyPicture } from './grey-picture.ts';
import type { ReadingThread, TesseractBlock } from './reading-thread.ts';

/** Threads that read, as many as a node may spend on it; each is started by the first page it gets and ended when idle. */
export interface ReadingPool {
  /**
   * @param deadlineMs since the epoch; a page that takes longer costs its thread the life
   * @throws UNAVAILABLE when too many wait, DEADLINE_EXCEEDED, IMAGE_BROKEN when the page killed its thread
   */
  read(picture: GreyPicture, deadlineMs: number): Promise<readonly TesseractBlock[]>;
  close(): void;
}

export interface PoolOptions {
  start(): ReadingThread;
  threads?: number;
  maxWaiting?: number;
  /** For one page, from when a thread takes it up. */
  pageTimeoutMs?: number;
  idleMs?: number;
}

interface Seat {
  thread: ReadingThread | null;
  busy: boolean;
  idle: NodeJS.Timeout | undefined;
}

interface Waiting {
  start(seat: Seat): void;
  refuse(error: Error): void;
}

export function createReadingPool({ start, threads = 1, maxWaiting = 16, pageTimeoutMs = 60_000, idleMs = 60_000 }: PoolOptions): ReadingPool {
  const seats: Seat[] = Array.from({ length: threads }, () => ({ thread: null, busy: false, idle: undefined }));
  const waiting: Waiting[] = [];

  function stop(seat: Seat): void {
    seat.thread?.stop();
    seat.thread = null;
  }

  function next(seat: Seat): void {
    const page = waiting.shift();
    if (page !== undefined) return page.start(seat);
    seat.busy = false;
    seat.thread?.rest();
    seat.idle = setTimeout(() => stop(seat), idleMs).unref();
  }

  function seatFor(deadlineMs: number): Promise<Seat> {
    // one that is running already rather than one that would have to be started
    const seat = seats.find(({ busy, thread }) => !busy && thread !== null) ?? seats.find(({ busy }) => !busy);
    if (seat !== undefined) {
      seat.busy = true;
      return Promise.resolve(seat);
    }
    if (waiting.length >= maxWaiting) return Promise.reject(Unavailable({ message: 'Too many pages wait to be read.', retryAfterSeconds: 10 }));
    return new Promise((resolve, reject) => {
      const turn: Waiting = {
        start: (free) => (clearTimeout(timer), resolve(free)),
        refuse: (error) => (clearTimeout(timer), reject(error)),
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(DeadlineExceeded({ message: 'The page waited too long to be read.' }));
      }, Math.max(0, deadlineMs - Date.now()));
      waiting.push(turn);
    });
  }

  async function readAt(seat: Seat, picture: GreyPicture, deadlineMs: number): Promise<readonly TesseractBlock[]> {
    clearTimeout(seat.idle);
    const thread = (seat.thread ??= start());
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop(seat);
    }, Math.max(1, Math.min(pageTimeoutMs, deadlineMs - Date.now())));
    try {
      return await thread.read(picture);
    } catch (cause) {
      stop(seat);
      throw late ? DeadlineExceeded({ message: 'The page took too long to read.' }) : ImageBroken({ cause });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async read(picture, deadlineMs) {
      const seat = await seatFor(deadlineMs);
      try {
        return await readAt(seat, picture, deadlineMs);
      } finally {
        next(seat);
      }
    },
    close() {
      for (const page of waiting.splice(0)) page.refuse(Unavailable());
      for (const seat of seats) {
        clearTimeout(seat.idle);
        stop(seat);
      }
    },
  };
}

import { Unavailable } from '@proofpix/sdk';
import { LaneFailed } from '../errors.ts';
import type { Seat } from './seat.ts';

/**
 * Work on strangers' files, away from the server's own thread: a few seats with a bounded queue before them. A seat is
 * started by the first request, ended when idle, and killed when a file holds it up; that costs the file its answer
 * and nobody else.
 */
export interface Lane<Q, A> {
  /**
   * @param timeoutMs from when a seat takes the request up; at most the lane's own
   * @throws LANE_FAILED (see `errors.ts`); UNAVAILABLE when too many wait or the wait takes too long
   */
  ask(request: Q, timeoutMs?: number): Promise<A>;
  /** Ends all seats; what waits fails with UNAVAILABLE. A later request starts them anew. */
  close(): Promise<void>;
}

export interface LaneOptions<Q, A> {
  start(): Seat<Q, A>;
  /** How many requests are worked on at once; default 1. */
  seats?: number;
  timeoutMs?: number;
  idleMs?: number;
  maxWaiting?: number;
  /** How long a request may wait for a seat. */
  waitMs?: number;
}

interface Pending<Q, A> {
  request: Q;
  timeoutMs: number;
  resolve(value: A): void;
  reject(error: Error): void;
}

interface Place<Q, A> {
  seat: Seat<Q, A> | null;
  current: Pending<Q, A> | null;
  idle?: NodeJS.Timeout;
}

/** Where the memory of a seat ended (Node: `ERR_WORKER_OUT_OF_MEMORY`). */
const reasonOf = (cause: unknown): string => ((cause as { code?: unknown } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash');

export function createLane<Q, A>(options: LaneOptions<Q, A>): Lane<Q, A> {
  const { start, seats = 1, timeoutMs = 15_000, idleMs = 60_000, maxWaiting = 256, waitMs = 60_000 } = options;
  const places: Place<Q, A>[] = Array.from({ length: seats }, () => ({ seat: null, current: null }));
  const waiting: Pending<Q, A>[] = [];

  function drop(place: Place<Q, A>): void {
    const { seat } = place;
    place.seat = null;
    // It may be in an endless loop; nobody waits for it to end.
    void seat?.end().catch(() => undefined);
  }

  async function work(place: Place<Q, A>, pending: Pending<Q, A>): Promise<void> {
    clearTimeout(place.idle);
    place.current = pending;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      // The seat keeps the process alive as long as it works.
      timer = setTimeout(() => reject(LaneFailed({ details: { reason: 'time' }, cause: `no answer within ${pending.timeoutMs} ms` })), pending.timeoutMs).unref();
    });
    try {
      if (place.seat?.usable() === false) drop(place);
      place.seat ??= start();
      place.seat.busy(true);
      const outcome = await Promise.race([place.seat.ask(pending.request), late]);
      if (outcome.ok) pending.resolve(outcome.value);
      else pending.reject(LaneFailed({ details: { reason: 'failed' }, cause: outcome.message }));
    } catch (cause) {
      if (place.current === pending) drop(place);
      const own = (cause as { code?: unknown } | undefined)?.code === LaneFailed.code;
      pending.reject(own ? (cause as Error) : LaneFailed({ details: { reason: reasonOf(cause) }, cause }));
    } finally {
      clearTimeout(timer);
      // After a `close` the place may already serve somebody else.
      if (place.current === pending) {
        place.current = null;
        next(place);
      }
    }
  }

  function next(place: Place<Q, A>): void {
    const pending = waiting.shift();
    if (pending !== undefined) return void work(place, pending);
    place.seat?.busy(false);
    clearTimeout(place.idle);
    place.idle = setTimeout(() => drop(place), idleMs).unref();
  }

  return {
    ask(request, ownMs = timeoutMs) {
      const free = places.find((place) => place.current === null && place.seat !== null) ?? places.find((place) => place.current === null);
      if (free === undefined && waiting.length >= maxWaiting) return Promise.reject(Unavailable({ message: 'Too many files wait to be read.', retryAfterSeconds: 5 }));
      return new Promise((resolve, reject) => {
        const entry: Pending<Q, A> = { request, timeoutMs: Math.max(1, Math.min(ownMs, timeoutMs)), resolve, reject };
        if (free !== undefined) return void work(free, entry);
        const timer = setTimeout(() => {
          const at = waiting.indexOf(entry);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(Unavailable({ message: 'The file waited too long to be read.', retryAfterSeconds: 5 }));
        }, waitMs);
        entry.resolve = (value) => (clearTimeout(timer), resolve(value));
        entry.reject = (error) => (clearTimeout(timer), reject(error));
        waiting.push(entry);
      });
    },
    async close() {
      for (const pending of waiting.splice(0)) pending.reject(Unavailable());
      await Promise.all(
        places.map(async (place) => {
          clearTimeout(place.idle);
          const { seat, current } = place;
          place.seat = null;
          place.current = null;
          current?.reject(Unavailable());
          await seat?.end().catch(() => undefined);
        }),
      );
    },
  };
}

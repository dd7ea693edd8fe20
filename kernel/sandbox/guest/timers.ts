import { bridge, install, nowMs } from './bridge.ts';

interface Timer {
  id: number;
  dueMs: number;
  everyMs: number | null;
  run: () => void;
}

const maxTimers = 10_000;
const timers = new Map<number, Timer>();
let nextId = 1;
let wokenAtMs = Number.POSITIVE_INFINITY;

function ask(dueMs: number): void {
  if (dueMs >= wokenAtMs) return;
  wokenAtMs = dueMs;
  bridge.wake(Math.max(0, dueMs - nowMs()));
}

function start(run: unknown, delayMs: unknown, repeat: boolean, args: unknown[]): number {
  if (typeof run !== 'function') throw new TypeError('a timer needs a function');
  if (timers.size >= maxTimers) throw new RangeError(`at most ${maxTimers} timers`);
  const delay = Math.max(1, Number(delayMs) || 0);
  const timer: Timer = { id: nextId++, dueMs: nowMs() + delay, everyMs: repeat ? delay : null, run: () => void run(...args) };
  timers.set(timer.id, timer);
  ask(timer.dueMs);
  return timer.id;
}

/** Runs what is due, in order of its time; called on every turn. A throw becomes an unhandled rejection, as the author's log should show it. */
export function runTimers(): void {
  if (timers.size === 0) {
    wokenAtMs = Number.POSITIVE_INFINITY;
    return;
  }
  const now = nowMs();
  const due = [...timers.values()].filter((timer) => timer.dueMs <= now).toSorted((a, b) => a.dueMs - b.dueMs || a.id - b.id);
  for (const timer of due) {
    if (!timers.has(timer.id)) continue;
    if (timer.everyMs === null) timers.delete(timer.id);
    else timer.dueMs = now + timer.everyMs;
    try {
      timer.run();
    } catch (error) {
      void Promise.reject(error);
    }
  }
  wokenAtMs = Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  for (const timer of timers.values()) next = Math.min(next, timer.dueMs);
  if (next < Number.POSITIVE_INFINITY) ask(next);
}

const clear = (id: unknown): void => void timers.delete(id as number);

install({
  setTimeout: (run: unknown, delayMs?: unknown, ...args: unknown[]) => start(run, delayMs, false, args),
  setInterval: (run: unknown, delayMs?: unknown, ...args: unknown[]) => start(run, delayMs, true, args),
  setImmediate: (run: unknown, ...args: unknown[]) => start(run, 0, false, args),
  clearTimeout: clear,
  clearInterval: clear,
  clearImmediate: clear,
  queueMicrotask: (run: () => void) => void Promise.resolve().then(run),
});

/** One line of the bench's table. */
export interface BenchRow {
  name: string;
  /** Of `ours` and `baseline`. */
  unit: string;
  ours: number;
  /** The bare thing, measured in turns with ours in the same run; null where there is none. */
  baseline: number | null;
  /** Ours to baseline; null without one. */
  ratio: number | null;
  target: Target | null;
}

/** What a row aims for: its ratio or its own figure, at least or at most. */
export interface Target {
  of: 'ratio' | 'ours';
  bound: 'at least' | 'at most';
  value: number;
}

export const ratioAtLeast = (value: number): Target => ({ of: 'ratio', bound: 'at least', value });
export const oursAtLeast = (value: number): Target => ({ of: 'ours', bound: 'at least', value });
export const oursAtMost = (value: number): Target => ({ of: 'ours', bound: 'at most', value });

/** Null for a row that aims for nothing. */
export function isMet({ ours, ratio, target }: BenchRow): boolean | null {
  if (target === null) return null;
  const value = target.of === 'ours' ? ours : (ratio ?? Number.NaN);
  return target.bound === 'at least' ? value >= target.value : value <= target.value;
}

/** The value below which a share `q` (0 to 1) of the values lies; NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((left, right) => left - right)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Pace {
  /** How long one measurement lasts. */
  roundMs: number;
  /** Calls under way at once. */
  concurrency: number;
}

/** Calls per second of `once`, for one round. */
export async function perSecond(once: () => unknown, { roundMs, concurrency }: Pace): Promise<number> {
  const start = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - start < roundMs) {
        await once();
        done += 1;
      }
    }),
  );
  return (done / (performance.now() - start)) * 1_000;
}

/** Measures both in turns `rounds` times, after one round that warms up: a change of the machine's mood hits both. */
export async function inTurns<T>(rounds: number, ours: () => Promise<T>, baseline: () => Promise<T>): Promise<{ ours: T; baseline: T }[]> {
  const pairs: { ours: T; baseline: T }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const pair = { ours: await ours(), baseline: await baseline() };
    if (round >= 0) pairs.push(pair);
  }
  return pairs;
}

/** Medians of pairs measured in turns; each ratio is of neighbours, because the machine's speed drifts between rounds. */
export function pairedRow(name: string, unit: string, pairs: readonly { ours: number; baseline: number }[], target: Target | null): BenchRow {
  return { name, unit, ours: median(pairs.map((pair) => pair.ours)), baseline: median(pairs.map((pair) => pair.baseline)), ratio: median(pairs.map((pair) => pair.ours / pair.baseline)), target };
}

/** Runs `work` with a place for what must be undone, newest first. */
export async function withTeardown<T>(work: (t: { teardown(fn: () => unknown): void }) => Promise<T>): Promise<T> {
  const undo: (() => unknown)[] = [];
  try {
    return await work({ teardown: (fn) => void undo.unshift(fn) });
  } finally {
    for (const fn of undo) await fn();
  }
}

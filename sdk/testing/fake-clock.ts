/** A clock that stands still until a test moves it. */
export interface FakeClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** RFC 3339 UTC of now. */
  iso(): string;
  /** Forward only. */
  advance(ms: number): void;
}

/** @param startMs milliseconds since the epoch; default 2026-01-01T00:00:00Z */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    iso: () => new Date(nowMs).toISOString(),
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError('a clock goes forward');
      nowMs += ms;
    },
  };
}

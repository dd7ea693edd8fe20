import type { Span } from './span.ts';

function isFree(taken: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (taken[at] === 1) return false;
  return true;
}

/** Of spans that overlap the one with the higher score stays, of equals the longer, then the earlier. Sorted by start. */
export function resolveOverlaps<S extends Pick<Span, 'start' | 'end' | 'score'>>(spans: readonly S[], textLength: number): S[] {
  const taken = new Uint8Array(textLength);
  const kept: S[] = [];
  for (const span of spans.toSorted((a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    if (span.end <= span.start || !isFree(taken, span.start, span.end)) continue;
    taken.fill(1, span.start, span.end);
    kept.push(span);
  }
  return kept.toSorted((a, b) => a.start - b.start);
}

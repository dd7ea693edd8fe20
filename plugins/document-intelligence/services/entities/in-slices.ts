import { findEntities, type EntityQuery } from './find-entities.ts';
import { resolveOverlaps } from './resolve-overlaps.ts';
import type { FoundSpan } from './span.ts';

/** Some 20 ms of work: other requests of the process wait no longer than that. */
const sliceCharacters = 24_576;
/** Longer than any entity with the words around it that count. */
const marginCharacters = 512;

/** More than the built-in recognisers: finds spans in a slice of the text. */
export type ExtraRecogniser = (text: string) => Promise<readonly FoundSpan[]>;

/** What to look for; `types` may name those of the extra recogniser too. */
export type SliceQuery = Omit<EntityQuery, 'types'> & { types?: readonly string[]; extra?: ExtraRecogniser };

/** Lets others run. A timer, because a resolved promise gives way to nothing but other promises. */
export const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

/** Where a slice that should end at `wanted` ends: behind the last white space before. */
function cut(text: string, wanted: number): number {
  if (wanted >= text.length) return text.length;
  for (let at = wanted; at > wanted - marginCharacters; at -= 1) if (/\s/.test(text.charAt(at - 1))) return at;
  return wanted;
}

/**
 * `findEntities` for long texts: slice by slice, with margins so that nothing is cut, and with pauses between. A name
 * said in full in one slice does not make its parts known in another. Of what overlaps the surer span stays.
 */
export async function findInSlices(text: string, { extra, types, minimumScore }: SliceQuery = {}): Promise<FoundSpan[]> {
  const found: FoundSpan[] = [];
  let lastEnd = 0;
  for (let start = 0; start < text.length; ) {
    if (start > 0) await pause();
    const end = cut(text, start + sliceCharacters);
    const from = Math.max(0, start - marginCharacters);
    const slice = text.slice(from, Math.min(text.length, end + marginCharacters));
    const built: FoundSpan[] = findEntities(slice, minimumScore === undefined ? {} : { minimumScore });
    const more = extra === undefined ? [] : (await extra(slice)).filter(({ score }) => score >= (minimumScore ?? 0.5));
    for (const span of more.length === 0 ? built : resolveOverlaps([...built, ...more], slice.length)) {
      const moved = { ...span, start: span.start + from, end: span.end + from };
      if (moved.start < Math.max(start, lastEnd) || moved.start >= end) continue;
      lastEnd = moved.end;
      if (types === undefined || types.includes(span.type)) found.push(moved);
    }
    start = end;
  }
  return found;
}

/** How many of each type. */
export function countTypes(spans: Iterable<{ type: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of spans) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

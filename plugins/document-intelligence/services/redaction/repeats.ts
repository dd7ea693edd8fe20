import { resolveOverlaps } from '../entities/resolve-overlaps.ts';
import type { FoundSpan } from '../entities/span.ts';

/** Shorter values stand in texts by chance. */
const shortest = 5;
/** Each is looked for in the whole text. */
const mostValues = 500;
const wordCharacter = /[\p{L}\p{N}]/u;

/** Values found anywhere in a document, with the surest span of each; full names and long numbers, not words. */
export function valuesOf(spans: Iterable<FoundSpan>): ReadonlyMap<string, FoundSpan> {
  const values = new Map<string, FoundSpan>();
  for (const span of spans) {
    const known = values.get(span.text);
    if (span.text.length < shortest || (known === undefined && values.size >= mostValues)) continue;
    // one capital word is as often a word as a name
    if (span.type === 'person' && !span.text.includes(' ')) continue;
    if (known === undefined || known.score < span.score) values.set(span.text, span);
  }
  return values;
}

/** The spans of a text, and wherever else in it one of the values stands as a word of its own: what was recognised once is hidden throughout. */
export function withRepeats(text: string, spans: readonly FoundSpan[], values: ReadonlyMap<string, FoundSpan>): FoundSpan[] {
  const more: FoundSpan[] = [];
  for (const [value, span] of values) {
    for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + value.length)) {
      const end = start + value.length;
      if (!wordCharacter.test(text.charAt(start - 1)) && !wordCharacter.test(text.charAt(end))) more.push({ ...span, start, end });
    }
  }
  return resolveOverlaps([...spans, ...more], text.length);
}

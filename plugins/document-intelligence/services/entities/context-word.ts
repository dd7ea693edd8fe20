const beforeChars = 56;
const afterChars = 24;

/** A pattern for {@link contextWord}: whole words, any case. */
export function words(...list: string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${list.join('|')})(?![\\p{L}\\p{N}])`, 'iu');
}

/** The first word of `pattern` shortly before a span, or else right behind it; null without one. */
export function contextWord(text: string, start: number, end: number, pattern: RegExp): string | null {
  return pattern.exec(text.slice(Math.max(0, start - beforeChars), start))?.[0] ?? pattern.exec(text.slice(end, end + afterChars))?.[0] ?? null;
}

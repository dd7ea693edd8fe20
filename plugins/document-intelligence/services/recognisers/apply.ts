import type { Static } from '@proofpix/sdk';
import type { collections } from '../../collections.ts';
import type { IntelligenceContext } from '../../kit.ts';
import { pause, type ExtraRecogniser } from '../entities/in-slices.ts';
import type { FoundSpan } from '../entities/span.ts';
import { checks } from './checks.ts';
import { compilePattern } from './compile-pattern.ts';

/** What a recogniser of the tenant looks for. */
export type RecogniserRule = Pick<Static<(typeof collections)['recognisers']['schema']>, 'name' | 'pattern' | 'contextWords' | 'check' | 'score'>;

/** Of one tenant. */
export const mostRecognisers = 50;
const mostMatches = 500;
const contextCharacters = 60;
const longestLine = 1000;
const betweenPauses = 5;
/** What a word beside it adds to the score. */
const contextScore = 0.35;

/** Lines with where they begin; longer ones in pieces, so that no pattern looks further than that for one match. */
function* linesOf(text: string): Iterable<{ line: string; start: number }> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = Math.min(newline < 0 ? text.length : newline, start + longestLine);
    yield { line: text.slice(start, end), start };
    start = end === newline ? end + 1 : end;
  }
}

/** The context word within sixty characters of a match, on any line. */
function wordBeside(lower: string, words: readonly string[], start: number, end: number): string | null {
  const around = `${lower.slice(Math.max(0, start - contextCharacters), start)} ${lower.slice(end, end + contextCharacters)}`;
  return words.find((word) => around.includes(word.toLowerCase())) ?? null;
}

/**
 * Where a rule's pattern matches within a line and its check holds; at most 500 places.
 *
 * @throws VALIDATION_ERROR: the pattern does not compile
 */
export function applyRecogniser({ name, pattern, contextWords, check, score }: RecogniserRule, text: string): FoundSpan[] {
  const compiled = compilePattern(pattern);
  const lower = contextWords.length === 0 ? '' : text.toLowerCase();
  const found: FoundSpan[] = [];
  for (const { line, start: lineStart } of linesOf(text)) {
    const matcher = compiled.matcher(line);
    while (found.length < mostMatches && matcher.find()) {
      const matched = matcher.group();
      if (matched === null || matched === '' || (check !== null && !checks[check](matched))) continue;
      const start = lineStart + matcher.start();
      const end = start + matched.length;
      const context = contextWords.length === 0 ? null : wordBeside(lower, contextWords, start, end);
      found.push({ type: name, start, end, text: matched, score: Math.min(1, score + (context === null ? 0 : contextScore)), validator: check ?? 'pattern', context });
    }
  }
  return found;
}

/** The enabled recognisers of the tenant as one; undefined when there are none. */
export async function tenantRecogniser(ctx: IntelligenceContext): Promise<{ names: readonly string[]; recognise: ExtraRecogniser } | null> {
  const { items } = await ctx.db.recognisers.find({ where: { enabled: true }, limit: mostRecognisers });
  if (items.length === 0) return null;
  return {
    names: items.map(({ name }) => name),
    async recognise(text) {
      const found: FoundSpan[] = [];
      for (const [at, rule] of items.entries()) {
        if (at % betweenPauses === betweenPauses - 1) await pause();
        found.push(...applyRecogniser(rule, text));
      }
      return found;
    },
  };
}

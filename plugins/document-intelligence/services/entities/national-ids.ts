import { contextWord } from './context-word.ts';
import { nationalIdRules } from './national-id-rules.ts';
import { spanAt, type Span } from './span.ts';

/** Numbers that states give to people, where their check digits, or at least the ranges that are given out, hold. */
export function* nationalIds(text: string): Iterable<Span> {
  for (const { validator, pattern, isValid, near, bare } of nationalIdRules) {
    for (const { 0: match, index } of text.matchAll(pattern)) {
      if (!isValid(match)) continue;
      const context = contextWord(text, index, index + match.length, near);
      yield spanAt('national-id', text, index, match.length, { score: context === null ? bare : 0.98, validator, context });
    }
  }
}

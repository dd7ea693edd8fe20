/** Words of a text as PostgreSQL's `simple` configuration has them, near enough: lower-cased, not stemmed. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

interface Term {
  /** one after the other */
  words: string[];
  wanted: boolean;
}

/** The syntax of `websearch_to_tsquery` (manual, section 12.3.2): words, "phrases", `or`, `-word`. Terms of an alternative are joined by AND. */
function alternativesOf(query: string): Term[][] {
  const alternatives: Term[][] = [[]];
  for (const [, minus, phrase, word] of query.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    if (phrase === undefined && minus === '' && word?.toLowerCase() === 'or') {
      alternatives.push([]);
      continue;
    }
    const words = wordsOf(phrase ?? word ?? '');
    if (words.length > 0) alternatives.at(-1)?.push({ words, wanted: minus === '' });
  }
  return alternatives.filter((terms) => terms.length > 0);
}

const occurs = (words: readonly string[], wanted: readonly string[]): boolean => words.some((_word, at) => wanted.every((one, offset) => words[at + offset] === one));

/** Whether a text matches a query of `$search`. A query without words matches nothing. */
export function textMatch(query: string): (text: string) => boolean {
  const alternatives = alternativesOf(query);
  return (text) => {
    const words = wordsOf(text);
    return alternatives.some((terms) => terms.every((term) => occurs(words, term.words) === term.wanted));
  };
}

const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

export interface WordRecall {
  /** Words of the truth. */
  words: number;
  /** Of these, how many were found, each as often as it is there. */
  found: number;
  /** Words that were found and are not there. */
  extra: number;
}

/** Words of a text that are found in another, as bags: neither order nor case counts, nor punctuation. */
export function wordRecall(truth: string, read: string): WordRecall {
  const left = new Map<string, number>();
  const got = wordsOf(read);
  for (const word of got) left.set(word, (left.get(word) ?? 0) + 1);
  const expected = wordsOf(truth);
  let found = 0;
  for (const word of expected) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    found += 1;
    left.set(word, count - 1);
  }
  return { words: expected.length, found, extra: got.length - found };
}

import { specialTerms } from './special-terms.ts';

const word = /[\p{L}\p{M}]+/gu;
const fewestTerms = 2;

/** Collects, page by page, which protected matters a document speaks of. */
export function specialMatters(): { add(text: string): void; result(): { category: string; types: string[]; count: number }[] } {
  const counts = new Map<string, number>();
  return {
    add(text) {
      const words = (text.toLowerCase().match(word) ?? []) as string[];
      for (let at = 0; at < words.length; at += 1) {
        const one = words[at] as string;
        const two = `${one} ${words[at + 1] ?? ''}`;
        for (const term of [one, two]) if (terms.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
      }
    },
    result: () =>
      Object.entries(specialTerms).flatMap(([category, list]) => {
        const types = [...new Set(list)].filter((term) => counts.has(term));
        return types.length < fewestTerms ? [] : [{ category, types: types.slice(0, 20), count: types.reduce((sum, term) => sum + (counts.get(term) ?? 0), 0) }];
      }),
  };
}

const terms = new Set(Object.values(specialTerms).flat());

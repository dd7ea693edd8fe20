import type { PageEntities } from '../entities/stored-entities.ts';

/** What had better be redacted before the document is given away. */
export interface Suggestion {
  type: string;
  count: number;
  /** The first hundred. */
  pages: number[];
}

/** Types that belong to people or their money; dates, amounts, firms and places stay readable. */
const worthHiding = new Set(['person', 'address', 'email', 'phone', 'card', 'iban', 'national-id', 'driver-licence', 'passport', 'ip-address', 'mac-address', 'crypto-address']);
const builtInButHarmless = new Set(['organization', 'place', 'date', 'money', 'url']);
const mostPages = 100;

/** By type, the most frequent first; what recognisers of the tenant and of plugins found is always named. */
export function suggestRedactions(pages: readonly PageEntities[]): Suggestion[] {
  const byType = new Map<string, { count: number; pages: Set<number> }>();
  for (const { page, found } of pages) {
    for (const { type } of found) {
      if (!worthHiding.has(type) && builtInButHarmless.has(type)) continue;
      const known = byType.get(type) ?? { count: 0, pages: new Set<number>() };
      known.count += 1;
      known.pages.add(page);
      byType.set(type, known);
    }
  }
  return [...byType].map(([type, { count, pages: on }]) => ({ type, count, pages: [...on].slice(0, mostPages) })).toSorted((a, b) => b.count - a.count);
}

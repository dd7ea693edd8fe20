import { addresses } from './addresses.ts';
import { cards } from './cards.ts';
import { cryptoAddresses } from './crypto-addresses.ts';
import { dates } from './dates.ts';
import { ibans } from './iban.ts';
import { internet } from './internet.ts';
import { money } from './money.ts';
import { nationalIds } from './national-ids.ts';
import { organizations } from './organizations.ts';
import { people } from './people.ts';
import { phones } from './phones.ts';
import { places } from './places.ts';
import { resolveOverlaps } from './resolve-overlaps.ts';
import type { EntityType, Recogniser, Span } from './span.ts';
import { travelDocuments } from './travel-documents.ts';
import { wordsOf } from './words-of.ts';

const recognisers: readonly Recogniser[] = [cards, ibans, internet, phones, dates, money, nationalIds, travelDocuments, cryptoAddresses, addresses, organizations];
const byWords = [people, places];

/** Below it more is noise than not. */
export const defaultMinimumScore = 0.5;

/** What to look for. */
export interface EntityQuery {
  /** Default all. What is left out still wins over what overlaps it: a card does not become a phone number because nobody asked for cards. */
  types?: readonly EntityType[];
  /** 0 to 1; default {@link defaultMinimumScore}. */
  minimumScore?: number;
}

/** What a text names, in its order, without overlaps. Takes time linear in the text's length; the caller bounds that. */
export function findEntities(text: string, { types, minimumScore = defaultMinimumScore }: EntityQuery = {}): Span[] {
  const spans: Span[] = [];
  for (const recogniser of recognisers) for (const span of recogniser(text)) if (span.score >= minimumScore) spans.push(span);
  const words = wordsOf(text);
  for (const recogniser of byWords) for (const span of recogniser(text, words)) if (span.score >= minimumScore) spans.push(span);
  const kept = resolveOverlaps(spans, text.length);
  return types === undefined ? kept : kept.filter(({ type }) => types.includes(type));
}

/** What the recognisers tell apart. */
export const entityTypes = [
  'person', 'organization', 'place', 'address', 'date', 'money', 'card', 'iban', 'email', 'url', 'ip-address', 'mac-address', 'phone',
  'national-id', 'driver-licence', 'passport', 'crypto-address',
] as const;
export type EntityType = (typeof entityTypes)[number];

/** Something found in a text. Offsets are UTF-16 code units, `end` exclusive. */
export interface Span {
  type: EntityType;
  start: number;
  end: number;
  text: string;
  /** 0 to 1: how sure the rule is. Checked digits and a word beside them that says so are near 1, a bare shape below 0.5. */
  score: number;
  /** The rule that found it, e.g. `luhn`, `de-steuer-id`. */
  validator: string;
  /** The word nearby that made the score higher; null without one. */
  context: string | null;
}

/** A span of any type: of a recogniser of the tenant, or of another plugin, as well. */
export type FoundSpan = Omit<Span, 'type'> & { type: string };

/** Finds one family of entities in time linear in the text's length. */
export type Recogniser = (text: string) => Iterable<Span>;

export function spanAt(type: EntityType, text: string, start: number, length: number, found: { score: number; validator: string; context?: string | null }): Span {
  return { type, start, end: start + length, text: text.slice(start, start + length), score: found.score, validator: found.validator, context: found.context ?? null };
}

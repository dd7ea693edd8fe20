import { createHash } from 'node:crypto';
import { findEntities } from '../services/entities/find-entities.ts';
import { entityTypes, type EntityType } from '../services/entities/span.ts';

/** A document of a labelled data set: offsets are UTF-16 code units, `end` exclusive. */
export interface LabelledText {
  text: string;
  spans: readonly { type: string; start: number; end: number }[];
}

export interface TypeResult {
  type: EntityType;
  /** Labelled ones, and how many of them something of the same type overlaps. */
  labelled: number;
  hit: number;
  /** Found ones, and how many of them overlap a label of the same type. */
  found: number;
  right: number;
}

/** Labels of Microsoft Presidio's research data sets by our types; others are not measured. */
const typeOf = new Map<string, EntityType>([
  ['PERSON', 'person'], ['ORGANIZATION', 'organization'], ['GPE', 'place'], ['LOCATION', 'place'], ['STREET_ADDRESS', 'address'], ['ZIP_CODE', 'address'], ['DATE_TIME', 'date'], ['CREDIT_CARD', 'card'],
  ['IBAN_CODE', 'iban'], ['EMAIL_ADDRESS', 'email'], ['DOMAIN_NAME', 'url'], ['URL', 'url'], ['IP_ADDRESS', 'ip-address'], ['PHONE_NUMBER', 'phone'], ['US_SSN', 'national-id'], ['US_DRIVER_LICENSE', 'driver-licence'], ['US_PASSPORT', 'passport'],
]);

/** Which half a text belongs to, by its own SHA-256, so that the halves stay when the set grows. */
export const isHeldOut = (text: string): boolean => ((createHash('sha256').update(text).digest()[0] ?? 0) & 1) === 1;

/** Finds entities in each text and compares them with its labels: a hit is any overlap with one of the same type. */
export function measure(texts: readonly LabelledText[]): TypeResult[] {
  const results = new Map(entityTypes.map((type) => [type, { type, labelled: 0, hit: 0, found: 0, right: 0 }]));
  for (const { text, spans } of texts) {
    const found = findEntities(text);
    const labels = spans.flatMap(({ type, start, end }) => (typeOf.has(type) ? [{ type: typeOf.get(type) as EntityType, start, end }] : []));
    for (const label of labels) {
      const result = results.get(label.type) as TypeResult;
      result.labelled += 1;
      if (found.some(({ type, start, end }) => type === label.type && start < label.end && label.start < end)) result.hit += 1;
    }
    for (const span of found) {
      const result = results.get(span.type) as TypeResult;
      result.found += 1;
      if (labels.some(({ type, start, end }) => type === span.type && start < span.end && span.start < end)) result.right += 1;
    }
  }
  return [...results.values()].filter(({ labelled }) => labelled > 0);
}

/** Megabytes of UTF-8 a second on one core, over the texts joined and repeated to at least `minimumBytes`; the best of three. */
export function throughput(texts: readonly LabelledText[], minimumBytes = 1_000_000): number {
  const once = texts.map(({ text }) => text).join('\n\n');
  const text = once.repeat(Math.ceil(minimumBytes / Math.max(1, Buffer.byteLength(once))));
  // processor time, so that other work of the machine does not count
  const runsMs = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    findEntities(text);
    const { user, system } = process.cpuUsage(before);
    return Math.max(0.001, (user + system) / 1000);
  });
  return Buffer.byteLength(text) / 1000 / Math.min(...runsMs);
}

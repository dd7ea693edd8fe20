import type { Json } from '@proofpix/sdk';

/** One text per JSON value: keys sorted by code unit, no white space (the order of RFC 8785, section 3.2.3). */
export function canonicalJson(value: Json | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const record = value as Record<string, Json | undefined>;
  const members = Object.keys(record).filter((key) => record[key] !== undefined).toSorted();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`).join(',')}}`;
}

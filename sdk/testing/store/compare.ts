import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../json.ts';
import { type Field, refuseField } from './field.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** RFC 3339, section 5.6. */
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);
const isTime = (value: unknown): value is string => typeof value === 'string' && dateTime.test(value) && !Number.isNaN(Date.parse(value));

const rules: Record<Field['kind'], readonly [(value: unknown) => boolean, string]> = {
  text: [(value) => typeof value === 'string', 'a string'],
  integer: [Number.isSafeInteger, 'an integer'],
  number: [Number.isFinite, 'a number'],
  boolean: [(value) => typeof value === 'boolean', 'a boolean'],
  timestamp: [isTime, 'a date-time (RFC 3339)'],
  uuid: [isUuid, 'a uuid'],
  json: [(value) => value !== undefined, 'JSON'],
};

/** A value in the form in which two of one field can be compared. @throws VALIDATION_ERROR for another type. */
export function operand(field: Field, value: unknown): Json {
  const [test, words] = rules[field.kind];
  if (!test(value)) refuseField(field.name, `must be compared with ${words}`);
  return stored(field, value as Json);
}

/** A value as the host gives it back: times in UTC with milliseconds, uuids in lower case. */
export function stored(field: Field, value: Json): Json {
  if (typeof value !== 'string') return value;
  if (field.kind === 'timestamp') return new Date(value).toISOString();
  return field.kind === 'uuid' ? value.toLowerCase() : value;
}

/** Order of two values of one field, neither null. Text goes by code point, as the host's `C` collation has it. */
export function compare(a: Json, b: Json): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** PostgreSQL's `@>` of two JSON values (manual, section 8.14.3). */
export function contains(a: Json, b: Json): boolean {
  if (Array.isArray(a)) {
    if (!Array.isArray(b)) return typeof b !== 'object' && a.includes(b);
    return b.every((wanted: Json) => a.some((item: Json) => (typeof item === 'object' && item !== null ? contains(item, wanted) : item === wanted)));
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null || Array.isArray(b)) return isDeepStrictEqual(a, b);
  return Object.entries(b).every(([key, wanted]) => Object.hasOwn(a, key) && contains((a as Record<string, Json>)[key] as Json, wanted as Json));
}

/** SQL LIKE: `%` any run, `_` one character, `\` takes the next as it is. */
export function like(text: string, pattern: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    let char = pattern.charAt(i);
    if (char === '%') source += '[^]*';
    else if (char === '_') source += '[^]';
    else {
      if (char === '\\') char = pattern.charAt(++i);
      source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'u').test(text);
}

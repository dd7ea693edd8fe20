import type { Json } from '@proofpix/sdk';
import type { Field, FieldKind } from './field.ts';
import { refuseField } from './record-validator.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** RFC 3339, section 5.6 */
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

const accepts: Readonly<Record<FieldKind, { test(value: unknown): boolean; issue: string }>> = {
  text: { test: (value) => typeof value === 'string', issue: 'must be compared with a string' },
  integer: { test: Number.isSafeInteger, issue: 'must be compared with an integer' },
  number: { test: Number.isFinite, issue: 'must be compared with a number' },
  boolean: { test: (value) => typeof value === 'boolean', issue: 'must be compared with a boolean' },
  timestamp: { test: (value) => typeof value === 'string' && dateTime.test(value) && !Number.isNaN(Date.parse(value)), issue: 'must be compared with a date-time (RFC 3339)' },
  uuid: { test: isUuid, issue: 'must be compared with a uuid' },
  json: { test: (value) => value !== undefined, issue: 'must be compared with JSON' },
};

/** A value as PostgreSQL is given it. @throws VALIDATION_ERROR when it is not of the field's type */
export function toParameter(field: Field, value: unknown): unknown {
  const rule = accepts[field.kind];
  if (!rule.test(value)) refuseField(field.name, rule.issue);
  return field.kind === 'json' ? JSON.stringify(value) : value;
}

/** A validated record's value as PostgreSQL is given it; null where there is none. */
export function toColumn(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return field.kind === 'json' ? JSON.stringify(value) : value;
}

const utc = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?\+00$/;

/** PostgreSQL's text of a timestamptz as RFC 3339 in UTC with milliseconds. */
export function toIso(text: string): string {
  const match = utc.exec(text);
  if (match) return `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0')}Z`;
  const zoned = text.replace(' ', 'T').replace(/([+-]\d{2})(\d{2})?$/, (_all, hours: string, minutes?: string) => `${hours}:${minutes ?? '00'}`);
  return new Date(zoned).toISOString();
}

/** PostgreSQL's text of a column as the plugin sees it. */
export function fromColumn(field: Field, text: string): Json {
  switch (field.kind) {
    case 'integer':
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 't';
    case 'timestamp':
      return toIso(text);
    case 'json':
      return JSON.parse(text) as Json;
    default:
      return text;
  }
}

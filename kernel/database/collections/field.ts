import type { Json } from '@proofpix/sdk';

/** How a field is stored. */
export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'uuid' | 'json';

/** One field of a collection and its column. */
export interface Field {
  readonly name: string;
  readonly column: string;
  readonly kind: FieldKind;
  /** the record may lack it */
  readonly optional: boolean;
  /** its value may be null */
  readonly nullable: boolean;
  /** what older rows and older versions' inserts get */
  readonly default: Json | undefined;
  /** made by the host: `id`, `createdAt`, `updatedAt` */
  readonly host: boolean;
}

/** Milliseconds, because that is what a JavaScript date holds: a cursor must carry the stored value exactly. */
export const sqlTypes: Readonly<Record<FieldKind, string>> = {
  text: 'text',
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamptz(3)',
  uuid: 'uuid',
  json: 'jsonb',
};

/** Cast of a bound value of this kind. */
export const castTypes: Readonly<Record<FieldKind, string>> = { ...sqlTypes, timestamp: 'timestamptz' };

export type JsonSchema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOfValue(value: unknown): FieldKind | 'null' {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return 'json';
}

function kindOfType(type: unknown, schema: JsonSchema): FieldKind | 'null' {
  switch (type) {
    case 'null':
      return 'null';
    case 'string':
      if (schema['format'] === 'date-time') return 'timestamp';
      return schema['format'] === 'uuid' ? 'uuid' : 'text';
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

function kindsOf(schema: unknown): (FieldKind | 'null')[] {
  if (!isObject(schema)) return ['json'];
  if ('const' in schema) return [kindOfValue(schema['const'])];
  if (Array.isArray(schema['enum'])) return schema['enum'].map(kindOfValue);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return choices.flatMap(kindsOf);
  if (Array.isArray(schema['type'])) return schema['type'].map((type) => kindOfType(type, schema));
  return [kindOfType(schema['type'], schema)];
}

/** The column kind of a field's schema: one scalar kind, with or without null, else JSON. */
export function fieldKind(schema: unknown): { kind: FieldKind; nullable: boolean } {
  const kinds = new Set(kindsOf(schema));
  const nullable = kinds.delete('null');
  const [only] = [...kinds] as FieldKind[];
  if (kinds.size === 1 && only) return { kind: only, nullable };
  const numeric = kinds.size === 2 && kinds.has('integer') && kinds.has('number');
  if (numeric) return { kind: 'number', nullable };
  return { kind: 'json', nullable };
}

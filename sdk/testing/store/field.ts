import { ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { CollectionManifest } from '../../manifest.ts';

/** How the host stores a field; the same kinds as its tables have. */
export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'uuid' | 'json';

export interface Field {
  name: string;
  kind: FieldKind;
  /** A record may lack it. */
  optional: boolean;
  nullable: boolean;
  /** Made by the host. */
  host: boolean;
  /** Declared under `search`. */
  searched: boolean;
}

type Schema = Readonly<Record<string, unknown>>;

/** @throws VALIDATION_ERROR in the form that the host has it. */
export function refuseField(field: string, issue: string): never {
  throw ValidationError({ message: `${field}: ${issue}`, details: { field, issue } });
}

function kindsOf(schema: Schema): (FieldKind | 'null')[] {
  if (Array.isArray(schema.enum)) return schema.enum.flatMap((value) => kindsOf({ const: value }));
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return (choices as Schema[]).flatMap(kindsOf);
  if ('const' in schema) {
    const value = schema.const as Json;
    if (value === null) return ['null'];
    if (typeof value === 'number') return [Number.isInteger(value) ? 'integer' : 'number'];
    return [typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'json'];
  }
  const types = Array.isArray(schema.type) ? (schema.type as string[]) : [schema.type as string];
  return types.map((type) => {
    if (type === 'string') return schema.format === 'date-time' ? 'timestamp' : schema.format === 'uuid' ? 'uuid' : 'text';
    return type === 'integer' || type === 'number' || type === 'boolean' || type === 'null' ? type : 'json';
  });
}

function fieldOf(name: string, schema: Schema, required: boolean, searched: boolean): Field {
  const kinds = new Set(kindsOf(schema));
  const nullable = kinds.delete('null');
  const [only] = [...kinds] as FieldKind[];
  const numeric = kinds.size === 2 && kinds.has('integer') && kinds.has('number');
  const kind = numeric ? 'number' : kinds.size === 1 && only !== undefined ? only : 'json';
  return { name, kind, nullable, optional: !required, host: false, searched };
}

const host = (name: string, kind: FieldKind): Field => ({ name, kind, optional: false, nullable: false, host: true, searched: false });

/** The fields of a collection by name, the host's included. */
export function fieldsOf(manifest: CollectionManifest): Map<string, Field> {
  const { properties = {}, required = [] } = manifest.schema as { properties?: Record<string, Schema>; required?: string[] };
  const own = Object.entries(properties).map(([name, schema]) => fieldOf(name, schema, required.includes(name), manifest.search?.includes(name) ?? false));
  return new Map([host('id', 'uuid'), ...own, host('createdAt', 'timestamp'), host('updatedAt', 'timestamp')].map((field) => [field.name, field]));
}

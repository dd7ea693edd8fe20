import { createHash } from 'node:crypto';
import { ValidationError } from '@proofpix/sdk';
import type { Json } from '@proofpix/sdk';
import type { CollectionManifest, Manifest } from '@proofpix/sdk';
import { identifierOf, quoteIdentifier } from '../role-names.ts';
import { type Field, type JsonSchema, fieldKind } from './field.ts';
import { type RecordValidator, recordValidator } from './record-validator.ts';
import type { TableSearch } from './text-search.ts';

const fieldName = /^[a-z][A-Za-z0-9]{0,49}$/;
const reserved = new Set(['id', 'createdAt', 'updatedAt', 'tenantId']);
const maxFields = 200;

export interface TableIndex {
  readonly name: string;
  readonly fields: readonly string[];
}

/** A collection as a table of the plugin's schema. */
export interface CollectionTable {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** quoted and schema-qualified */
  readonly sqlName: string;
  /** host fields first, then in the order of the schema */
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  readonly indexes: readonly TableIndex[];
  readonly uniques: readonly TableIndex[];
  /** fields with a full text index */
  readonly searches: readonly TableSearch[];
  readonly validator: RecordValidator;
}

/** `amountMinor` → `amount_minor`; injective, because field names hold no underscore. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function pluginSchema(pluginId: string): string {
  return identifierOf(pluginId, 'plugin_');
}

function refuse(field: string, issue: string): never {
  throw ValidationError({ message: `The collection cannot be stored: ${field} ${issue}`, details: { field, issue } });
}

function indexName(table: string, kind: 'ix' | 'uq' | 'ft', fields: readonly string[]): string {
  const hash = createHash('sha256').update(`${table} ${fields.join(' ')}`).digest('hex').slice(0, 10);
  return `${table.slice(0, 44)}_${hash}_${kind}`;
}

const hostField = (name: string, kind: Field['kind']): Field => ({ name, column: snakeCase(name), kind, optional: false, nullable: false, default: undefined, host: true });

function fieldsOf(collection: string, schema: JsonSchema): Field[] {
  const properties = schema['properties'];
  if (schema['type'] !== 'object' || typeof properties !== 'object' || properties === null) refuse(collection, 'needs an object schema with properties');
  const entries = Object.entries(properties as Record<string, JsonSchema>);
  if (entries.length > maxFields) refuse(collection, `has more than ${maxFields} fields`);
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : []);
  const fields = entries.map(([name, property]): Field => {
    if (!fieldName.test(name)) refuse(`${collection}.${name}`, 'is not a field name (camelCase, at most 50 characters)');
    if (reserved.has(name)) refuse(`${collection}.${name}`, 'is a name that the host uses');
    const { kind, nullable } = fieldKind(property);
    return { name, column: snakeCase(name), kind, nullable, optional: !required.has(name), default: property?.['default'] as Json | undefined, host: false };
  });
  return [hostField('id', 'uuid'), ...fields, hostField('createdAt', 'timestamp'), hostField('updatedAt', 'timestamp')];
}

/** @throws VALIDATION_ERROR naming the collection and field that cannot become a column */
export function collectionTable(pluginId: string, name: string, manifest: CollectionManifest): CollectionTable {
  const schema = pluginSchema(pluginId);
  const table = snakeCase(name);
  if (table.startsWith('pg_')) refuse(name, 'may not begin with "pg"');
  const fields = fieldsOf(name, manifest.schema);
  const byName = new Map(fields.map((field) => [field.name, field]));
  const checked = (kind: 'ix' | 'uq', groups: readonly (readonly string[])[]): TableIndex[] =>
    groups.map((group) => {
      for (const field of group) {
        const found = byName.get(field);
        if (!found) refuse(`${name}.${field}`, 'is indexed but not declared');
        if (found.kind === 'json') refuse(`${name}.${field}`, 'holds JSON and cannot be indexed');
      }
      return { name: indexName(table, kind, group), fields: group };
    });
  const searches = (manifest.search ?? []).map((field): TableSearch => {
    const found = byName.get(field);
    if (!found || found.host) refuse(`${name}.${field}`, 'is searched but not declared');
    if (found.kind !== 'text') refuse(`${name}.${field}`, 'holds no text and cannot be searched');
    const index = indexName(table, 'ft', [field]);
    return { name: index, field, column: found.column, sqlFunction: `${quoteIdentifier(schema)}.${quoteIdentifier(index)}` };
  });
  return {
    name,
    schema,
    table,
    sqlName: `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`,
    fields,
    byName,
    indexes: checked('ix', manifest.indexes ?? []),
    uniques: checked('uq', manifest.unique ?? []),
    searches,
    validator: recordValidator(manifest.schema, fields),
  };
}

export function collectionTables(manifest: Manifest): CollectionTable[] {
  return Object.entries(manifest.collections).map(([name, collection]) => collectionTable(manifest.id, name, collection));
}

import { type Json, PayloadTooLarge, ValidationError } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import type { CollectionTable } from './collection-table.ts';
import { type Field, castTypes, sqlTypes } from './field.ts';
import { compileFilter } from './filter-compiler.ts';
import { type Parameters, parameters } from './parameters.ts';
import { type InputRecord, refuseField } from './record-validator.ts';
import { type Statement, selectList, toRecord } from './statement.ts';
import { uuidV7 } from './uuid-v7.ts';
import { isUuid, toColumn, toParameter } from './value.ts';

const maxRecords = 1000;
const maxBatchBytes = 16 * 1_048_576;

const ownFields = (table: CollectionTable): Field[] => table.fields.filter((field) => !field.host);
const currentTenantSql = `current_setting('app.tenant')::uuid`;

function takeId(input: unknown): { id: string; fields: unknown } {
  if (typeof input !== 'object' || input === null || !('id' in input) || input.id === undefined) return { id: uuidV7(), fields: input };
  const { id, ...fields } = input;
  if (!isUuid(id)) refuseField('id', 'must be a uuid');
  return { id, fields };
}

function insertHead(table: CollectionTable): string {
  const columns = ['"tenant_id"', '"id"', ...ownFields(table).map((field) => quoteIdentifier(field.column))];
  return `insert into ${table.sqlName} (${columns.join(', ')})`;
}

function insertValues(table: CollectionTable, id: string, record: InputRecord, bound: Parameters): string {
  const values = [currentTenantSql, bound.add(id, 'uuid'), ...ownFields(table).map((field) => bound.add(toColumn(field, record[field.name]), castTypes[field.kind]))];
  return `values (${values.join(', ')})`;
}

const firstRecord = (table: CollectionTable): Statement['result'] => (rows) => (rows[0] ? toRecord(table, rows[0]) : null);

export function insertStatement(table: CollectionTable, input: unknown): Statement {
  const { id, fields } = takeId(input);
  const bound = parameters();
  const values = insertValues(table, id, table.validator.record(fields), bound);
  return { text: `${insertHead(table)} ${values} returning ${selectList(table)}`, values: bound.values, result: firstRecord(table) };
}

/** One statement and one bound value for any number of records, so the text is the same for all sizes. */
export function insertManyStatement(table: CollectionTable, inputs: unknown): Statement {
  if (!Array.isArray(inputs)) refuseField('records', 'must be an array');
  if (inputs.length > maxRecords) refuseField('records', `has more than ${maxRecords} records`);
  const own = ownFields(table);
  const batch = inputs.map((input: unknown) => {
    const { id, fields } = takeId(input);
    const record = table.validator.record(fields);
    return { id, ...Object.fromEntries(own.map((field) => [field.column, record[field.name] ?? null])) };
  });
  const text = JSON.stringify(batch);
  if (Buffer.byteLength(text) > maxBatchBytes) throw PayloadTooLarge({ message: 'The records of one call have at most 16 MiB.', details: { maxBytes: maxBatchBytes } });
  const columns = ['"id"', ...own.map((field) => quoteIdentifier(field.column))].join(', ');
  const types = ['"id" uuid', ...own.map((field) => `${quoteIdentifier(field.column)} ${sqlTypes[field.kind]}`)].join(', ');
  return {
    text: `${insertHead(table)} select ${currentTenantSql}, ${columns} from jsonb_to_recordset($1::jsonb) as batch (${types}) returning ${selectList(table)}`,
    values: [text],
    result: (rows) => rows.map((row) => toRecord(table, row)),
  };
}

/** @throws VALIDATION_ERROR unless `on` is a declared unique */
export function upsertStatement(table: CollectionTable, input: unknown, on: unknown): Statement {
  const names = Array.isArray(on) ? (on as unknown[]).map(String) : [];
  const unique = table.uniques.find((candidate) => candidate.fields.length === names.length && candidate.fields.every((field) => names.includes(field)));
  if (!unique) throw ValidationError({ message: 'on: is not a declared unique of this collection', details: { field: 'on', issue: 'is not a declared unique of this collection' } });
  const { id, fields } = takeId(input);
  const bound = parameters();
  const values = insertValues(table, id, table.validator.record(fields), bound);
  const target = ['"tenant_id"', ...unique.fields.map((name) => quoteIdentifier(table.byName.get(name)?.column ?? name))].join(', ');
  const replaced = ownFields(table).map((field) => `${quoteIdentifier(field.column)} = excluded.${quoteIdentifier(field.column)}`);
  return {
    text: `${insertHead(table)} ${values} on conflict (${target}) do update set ${[...replaced, '"updated_at" = now()'].join(', ')} returning ${selectList(table)}`,
    values: bound.values,
    result: firstRecord(table),
  };
}

function assignment(table: CollectionTable, name: string, value: unknown, bound: Parameters): string {
  const field = table.byName.get(name);
  if (!field || field.host) refuseField(name, field ? 'is set by the host' : 'is not a field of this collection');
  const column = quoteIdentifier(field.column);
  if (value === null) {
    if (!field.optional && !field.nullable) refuseField(name, 'is required');
    return `${column} = null`;
  }
  const numeric = field.kind === 'integer' || field.kind === 'number';
  if (numeric && typeof value === 'object') {
    const { $inc: step, ...rest } = value as Record<string, unknown>;
    if (step === undefined || Object.keys(rest).length > 0) refuseField(name, 'takes a number or {$inc: number}');
    return `${column} = ${column} + ${bound.add(toParameter(field, step), castTypes[field.kind])}`;
  }
  table.validator.value(field, value);
  return `${column} = ${bound.add(toColumn(field, value), castTypes[field.kind])}`;
}

function assignments(table: CollectionTable, patch: unknown, bound: Parameters): string {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) refuseField('patch', 'must be an object');
  const parts = Object.entries(patch).flatMap(([name, value]) => (value === undefined ? [] : [assignment(table, name, value, bound)]));
  return [...parts, '"updated_at" = now()'].join(', ');
}

export function updateByIdStatement(table: CollectionTable, id: string, patch: unknown): Statement {
  const bound = parameters();
  const set = assignments(table, patch, bound);
  return { text: `update ${table.sqlName} set ${set} where "id" = ${bound.add(id, 'uuid')} returning ${selectList(table)}`, values: bound.values, result: firstRecord(table) };
}

export function updateWhereStatement(table: CollectionTable, where: unknown, patch: unknown): Statement {
  const bound = parameters();
  const set = assignments(table, patch, bound);
  return { text: `update ${table.sqlName} set ${set} where ${compileFilter(table, where, bound)}`, values: bound.values, result: (_rows, rowCount) => rowCount };
}

export function deleteByIdStatement(table: CollectionTable, id: string): Statement {
  return { text: `delete from ${table.sqlName} where "id" = $1::uuid`, values: [id], result: (_rows, rowCount) => rowCount > 0 };
}

export function deleteWhereStatement(table: CollectionTable, where: unknown): Statement {
  const bound = parameters();
  return { text: `delete from ${table.sqlName} where ${compileFilter(table, where, bound)}`, values: bound.values, result: (_rows, rowCount): Json => rowCount };
}

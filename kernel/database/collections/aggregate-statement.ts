import { type Json, ValidationError } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import type { CollectionTable } from './collection-table.ts';
import type { Field } from './field.ts';
import { compileFilter } from './filter-compiler.ts';
import { parameters } from './parameters.ts';
import { checkedLimit, checkedQuery } from './read-statements.ts';
import type { Statement } from './statement.ts';
import { fromColumn } from './value.ts';

const defaultGroups = 100;
const maxColumns = 16;

interface Column {
  readonly name: string;
  readonly sql: string;
  decode(text: string): Json;
}

function refuse(option: string, issue: string): never {
  throw ValidationError({ message: `${option}: ${issue}`, details: { field: option, issue } });
}

function fieldsOf(table: CollectionTable, option: string, names: unknown): Field[] {
  if (names === undefined) return [];
  if (!Array.isArray(names)) refuse(option, 'must be an array of fields');
  return names.map((name: unknown) => {
    const field = typeof name === 'string' ? table.byName.get(name) : undefined;
    if (!field) refuse(option, `${String(name)} is not a field of this collection`);
    if (field.kind === 'json') refuse(option, `${field.name} holds JSON`);
    return field;
  });
}

function measures(table: CollectionTable, query: Record<string, unknown>): Column[] {
  const columns: Column[] = query['count'] === true ? [{ name: 'count', sql: 'count(*)', decode: Number }] : [];
  for (const name of ['sum', 'avg', 'min', 'max'] as const) {
    for (const field of fieldsOf(table, name, query[name])) {
      const numeric = field.kind === 'integer' || field.kind === 'number';
      if (!numeric && (name === 'sum' || name === 'avg')) refuse(name, `${field.name} is not a number`);
      if (field.kind === 'boolean' || field.kind === 'uuid') refuse(name, `${field.name} has no order`);
      const decode = numeric ? Number : (text: string): Json => fromColumn(field, text);
      columns.push({ name: `${name}_${field.name}`, sql: `${name}(${quoteIdentifier(field.column)})`, decode });
    }
  }
  return columns;
}

/** Groups and measures. @throws VALIDATION_ERROR */
export function aggregateStatement(table: CollectionTable, input: unknown): Statement {
  const query = checkedQuery(input ?? {}, ['where', 'groupBy', 'count', 'sum', 'avg', 'min', 'max', 'limit']);
  const limit = checkedLimit(query['limit'], defaultGroups);
  const groups = fieldsOf(table, 'groupBy', query['groupBy']).map((field): Column => ({ name: field.name, sql: quoteIdentifier(field.column), decode: (text) => fromColumn(field, text) }));
  const columns = [...groups, ...measures(table, query)];
  if (columns.length === 0) refuse('query', 'asks for nothing: name groupBy, count, sum, avg, min or max');
  if (columns.length > maxColumns) refuse('query', `asks for more than ${maxColumns} columns`);
  const bound = parameters();
  const where = compileFilter(table, query['where'], bound);
  const groupList = groups.map((group) => group.sql).join(', ');
  const order = [...(query['count'] === true ? ['count(*) desc'] : []), ...groups.map((group) => group.sql)].join(', ');
  const tail = groups.length === 0 ? '' : ` group by ${groupList} order by ${order} limit ${bound.add(limit, 'int')}`;
  return {
    text: `select ${columns.map((column) => column.sql).join(', ')} from ${table.sqlName} where ${where}${tail}`,
    values: bound.values,
    result: (rows) =>
      rows.map((row) =>
        Object.fromEntries(
          columns.map((column, at) => {
            const text = row[at] ?? null;
            return [column.name, text === null ? null : column.decode(text)];
          }),
        ),
      ),
  };
}

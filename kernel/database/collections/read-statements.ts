import { type Json, ValidationError } from '@proofpix/sdk';
import type { CollectionTable } from './collection-table.ts';
import type { Cursors } from './cursor.ts';
import { compileFilter } from './filter-compiler.ts';
import { afterPosition, orderSql, orderTerms } from './ordering.ts';
import { parameters } from './parameters.ts';
import { type Statement, selectList, toRecord } from './statement.ts';
import { fromColumn } from './value.ts';

const defaultLimit = 50;
const maxLimit = 1000;

export function checkedLimit(value: unknown, fallback: number): number {
  const limit = value ?? fallback;
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > maxLimit) {
    throw ValidationError({ message: `limit: must be 1 to ${maxLimit}`, details: { field: 'limit', issue: `must be 1 to ${maxLimit}` } });
  }
  return limit as number;
}

/** @throws VALIDATION_ERROR when `query` is no object or has a key this operation does not know */
export function checkedQuery(query: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof query !== 'object' || query === null || Array.isArray(query)) throw ValidationError({ message: 'query: must be an object', details: { field: 'query', issue: 'must be an object' } });
  for (const key of Object.keys(query)) {
    if (!known.includes(key)) throw ValidationError({ message: `${key}: is not an option`, details: { field: key, issue: 'is not an option' } });
  }
  return query as Record<string, unknown>;
}

export function getStatement(table: CollectionTable, id: string): Statement {
  return {
    text: `select ${selectList(table)} from ${table.sqlName} where "id" = $1::uuid`,
    values: [id],
    result: (rows) => (rows[0] ? toRecord(table, rows[0]) : null),
  };
}

export function findOneStatement(table: CollectionTable, where: unknown): Statement {
  const bound = parameters();
  return {
    text: `select ${selectList(table)} from ${table.sqlName} where ${compileFilter(table, where, bound)} order by "id" limit 1`,
    values: bound.values,
    result: (rows) => (rows[0] ? toRecord(table, rows[0]) : null),
  };
}

export function countStatement(table: CollectionTable, where: unknown): Statement {
  const bound = parameters();
  return {
    text: `select count(*) from ${table.sqlName} where ${compileFilter(table, where, bound)}`,
    values: bound.values,
    result: (rows) => Number(rows[0]?.[0] ?? 0),
  };
}

export function findStatement(table: CollectionTable, cursors: Cursors, query: unknown): Statement {
  const { where, orderBy, limit: wanted, cursor } = checkedQuery(query ?? {}, ['where', 'orderBy', 'limit', 'cursor']);
  const limit = checkedLimit(wanted, defaultLimit);
  const terms = orderTerms(table, orderBy);
  const bound = parameters();
  const conditions = [compileFilter(table, where, bound)];
  const identity = (): string => JSON.stringify([table.sqlName, where ?? {}, orderBy ?? []]);
  if (cursor !== undefined && cursor !== null) conditions.push(afterPosition(terms, cursors.read(identity(), cursor), bound));
  // one more row than the page tells whether there is another page
  const more = bound.add(limit + 1, 'int');
  const positions = terms.map((term) => table.fields.indexOf(term.field));
  return {
    text: `select ${selectList(table)} from ${table.sqlName} where ${conditions.join(' and ')} order by ${orderSql(terms)} limit ${more}`,
    values: bound.values,
    result(rows) {
      const items = rows.slice(0, limit).map((row) => toRecord(table, row));
      const last = rows[limit - 1];
      if (rows.length <= limit || !last) return { items, nextCursor: null };
      const position = terms.map((term, at): Json => {
        const text = last[positions[at] ?? 0] ?? null;
        return text === null ? null : fromColumn(term.field, text);
      });
      return { items, nextCursor: cursors.write(identity(), position) };
    },
  };
}

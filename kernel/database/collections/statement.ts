import type { Json, JsonObject } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import type { CollectionTable } from './collection-table.ts';
import { fromColumn } from './value.ts';

/** A row as PostgreSQL sends it: texts in the order of the select list. */
export type TextRow = readonly (string | null)[];

/** One statement of a collection operation, and how its rows become the operation's result. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  result(rows: readonly TextRow[], rowCount: number): Json;
}

const selectLists = new WeakMap<CollectionTable, string>();

/** Every column by name: a column that a newer version added must not change the shape of a prepared statement. */
export function selectList(table: CollectionTable): string {
  let list = selectLists.get(table);
  if (list === undefined) {
    list = table.fields.map((field) => quoteIdentifier(field.column)).join(', ');
    selectLists.set(table, list);
  }
  return list;
}

/** A row of {@link selectList} as the plugin sees it: an absent optional field is left out. */
export function toRecord(table: CollectionTable, row: TextRow): JsonObject {
  const record: Record<string, Json> = {};
  let at = 0;
  for (const field of table.fields) {
    const text = row[at] ?? null;
    at += 1;
    if (text !== null) record[field.name] = fromColumn(field, text);
    else if (field.nullable || !field.optional) record[field.name] = null;
  }
  return record;
}

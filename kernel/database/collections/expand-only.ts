import { Conflict } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import { type CollectionTable, snakeCase } from './collection-table.ts';
import type { SchemaDifference, TableDifference } from './schema-diff.ts';

/** Type changes that keep every stored value and every value an older version may still write. */
const widening = new Set(['bigint→double precision']);

export interface ExpandOptions {
  /** no tenant runs, or may return to, a version that needs what is taken away */
  allowContract: boolean;
  /** destructive steps the author named: `<collection>` or `<collection>.<field>` */
  drop: readonly string[];
  hasRows(table: string): Promise<boolean>;
}

export interface Expansion {
  /** statements to run before and after those of the difference */
  before: string[];
  after: string[];
  /** what waits, one readable line each */
  deferred: string[];
}

function refuse(message: string, field: string): never {
  throw Conflict({ message, details: { field, issue: message } });
}

/** The catalogue's short names, as introspection reads them. */
const aliases: Readonly<Record<string, string>> = { int8: 'bigint', float8: 'double precision', bool: 'boolean' };

function plainType(type: string): string {
  const plain = type.replace(/\(.*\)/, '').trim();
  return aliases[plain] ?? plain;
}

/**
 * Reduces a difference to steps that a version still in use survives. Removals are taken out of it unless the author
 * named them and nobody needs the older version; narrowing waits likewise; what can be neither done nor put off is refused.
 *
 * @throws CONFLICT naming the field: a new required field without default on a table with rows, or a changed type
 */
export async function expandOnly(difference: SchemaDifference, tables: readonly CollectionTable[], options: ExpandOptions): Promise<Expansion> {
  const result: Expansion = { before: [], after: [], deferred: [] };
  const named = new Set(options.drop.map((step) => step.split('.').map(snakeCase).join('.')));
  const dropped = (step: string): boolean => options.allowContract && named.has(step);
  const wait = (step: string, what: string): void => {
    result.deferred.push(named.has(step) ? `${what}: waits until no tenant needs the older version` : `${what}: kept, because migrations.drop does not name it`);
  };
  // a plugin that gave up its last collection keeps its schema until it is dropped
  difference.removedNamespaces.clear();
  for (const [key, table] of Object.entries(difference.removedTables)) {
    if (dropped(table.name)) continue;
    delete difference.removedTables[key];
    wait(table.name, `drop collection ${table.name}`);
  }
  for (const change of Object.values(difference.changedTables)) {
    const table = tables.find((candidate) => candidate.table === change.toTable.name);
    if (table) await expandTable(change, table, { ...options, dropped, wait, result });
  }
  return result;
}

interface TableContext extends ExpandOptions {
  dropped(step: string): boolean;
  wait(step: string, what: string): void;
  result: Expansion;
}

async function expandTable(change: TableDifference, table: CollectionTable, context: TableContext): Promise<void> {
  // two columns of one type look like a rename; older versions know the old name only
  for (const [oldName, column] of Object.entries(change.renamedColumns)) {
    const old = change.fromTable.getColumn(oldName);
    if (old) change.removedColumns[oldName] = old;
    change.addedColumns[column.name] = column;
    delete change.renamedColumns[oldName];
  }
  removeColumns(change, table, context);
  changeColumns(change, table, context);
  await addColumns(change, table, context);
  for (const [name, index] of Object.entries(change.removedIndexes)) {
    if (context.allowContract) continue;
    delete change.removedIndexes[name];
    context.result.deferred.push(`drop ${index.unique ? 'unique' : 'index'} ${name} of ${table.name}: waits until no tenant needs the older version`);
  }
}

function removeColumns(change: TableDifference, table: CollectionTable, context: TableContext): void {
  for (const [name, column] of Object.entries(change.removedColumns)) {
    if (context.dropped(`${table.table}.${name}`)) continue;
    delete change.removedColumns[name];
    context.wait(`${table.table}.${name}`, `drop field ${table.name}.${name}`);
    // this version does not write the column any more
    if (!column.nullable && column.default == null) context.result.after.push(`alter table ${table.sqlName} alter column ${quoteIdentifier(name)} drop not null`);
  }
}

function changeColumns(change: TableDifference, table: CollectionTable, context: TableContext): void {
  for (const [name, { column, fromColumn, changedProperties }] of Object.entries(change.changedColumns)) {
    const types = `${plainType(fromColumn.type)}→${plainType(column.type)}`;
    if (changedProperties.has('type') && !widening.has(types)) {
      if (!context.dropped(`${table.table}.${name}`)) {
        refuse(`${table.name}.${name} cannot change its type (${types.replace('→', ' to ')}) in place: add a new field, or name "${table.name}.${name}" in migrations.drop to lose its values`, `${table.name}.${name}`);
      }
      context.result.before.push(`alter table ${table.sqlName} drop column ${quoteIdentifier(name)}`);
      change.addedColumns[name] = column;
      delete change.changedColumns[name];
      continue;
    }
    if (changedProperties.has('nullable') && fromColumn.nullable && !column.nullable && !context.allowContract) {
      column.nullable = true;
      changedProperties.delete('nullable');
      context.result.deferred.push(`require ${table.name}.${name} in the table: waits until no tenant needs the older version`);
    }
    if (changedProperties.size === 0) delete change.changedColumns[name];
  }
}

async function addColumns(change: TableDifference, table: CollectionTable, context: TableContext): Promise<void> {
  for (const [name, column] of Object.entries(change.addedColumns)) {
    if (column.nullable || column.default != null) continue;
    if (await context.hasRows(table.sqlName)) refuse(`${table.name}.${name} is a new required field, and there are records without it: give it a default or make it optional`, `${table.name}.${name}`);
    // the validator requires it of this version; an older one inserts without it
    if (!context.allowContract) column.nullable = true;
  }
}

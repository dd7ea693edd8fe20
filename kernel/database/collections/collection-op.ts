import { type Json, ValidationError } from '@proofpix/sdk';
import { aggregateStatement } from './aggregate-statement.ts';
import type { CollectionTable } from './collection-table.ts';
import type { Cursors } from './cursor.ts';
import { countStatement, findOneStatement, findStatement, getStatement } from './read-statements.ts';
import type { Statement } from './statement.ts';
import { isUuid } from './value.ts';
import { deleteByIdStatement, deleteWhereStatement, insertManyStatement, insertStatement, updateByIdStatement, updateWhereStatement, upsertStatement } from './write-statements.ts';

/** One operation of `ctx.db.<collection>`, its arguments exactly as the plugin passed them. */
export interface CollectionOp {
  readonly op: 'find' | 'findOne' | 'get' | 'count' | 'insert' | 'insertMany' | 'update' | 'upsert' | 'delete' | 'aggregate';
  readonly collection: string;
  readonly args: readonly Json[];
}

/** An operation whose result is known without asking the database. */
export interface Known {
  readonly known: Json;
}

/** An id that is no uuid belongs to no record: a route may pass on what stands in its path. */
function byId(id: unknown, none: Json, make: (id: string) => Statement): Statement | Known {
  return isUuid(id) ? make(id) : { known: none };
}

/** @throws VALIDATION_ERROR, PAYLOAD_TOO_LARGE */
export function compileOp(tables: ReadonlyMap<string, CollectionTable>, cursors: Cursors, { op, collection, args }: CollectionOp): Statement | Known {
  const table = tables.get(collection);
  if (!table) throw ValidationError({ message: `${collection}: is not a collection of this plugin`, details: { field: 'collection', issue: `${collection} is not a collection of this plugin` } });
  const [first, second] = args;
  switch (op) {
    case 'get':
      return byId(first, null, (id) => getStatement(table, id));
    case 'find':
      return findStatement(table, cursors, first);
    case 'findOne':
      return findOneStatement(table, first);
    case 'count':
      return countStatement(table, first);
    case 'insert':
      return insertStatement(table, first);
    case 'insertMany':
      return Array.isArray(first) && first.length === 0 ? { known: [] } : insertManyStatement(table, first);
    case 'update':
      return typeof first === 'string' ? byId(first, null, (id) => updateByIdStatement(table, id, second)) : updateWhereStatement(table, required(first), second);
    case 'upsert':
      return upsertStatement(table, first, second);
    case 'delete':
      return typeof first === 'string' ? byId(first, false, (id) => deleteByIdStatement(table, id)) : deleteWhereStatement(table, required(first));
    case 'aggregate':
      return aggregateStatement(table, first);
    default:
      throw ValidationError({ message: 'op: is not an operation', details: { field: 'op', issue: 'is not an operation' } });
  }
}

/** A missing filter must not mean "everything" where records are changed. */
function required(where: Json | undefined): Json {
  if (where === undefined || where === null) throw ValidationError({ message: 'where: is required', details: { field: 'where', issue: 'is required' } });
  return where;
}

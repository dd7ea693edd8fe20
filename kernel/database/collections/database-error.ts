import { Conflict, DeadlineExceeded, Forbidden, InternalError, PluginError, Unavailable, ValidationError } from '@proofpix/sdk';
import type { CollectionTable } from './collection-table.ts';

interface PostgresError {
  code?: string;
  constraint?: string;
  table?: string;
  column?: string;
  message?: string;
}

/** Classes and codes of PostgreSQL (Appendix A of its manual) that mean "not now". */
const unavailable = /^(08|53|57P|58|40001|40P01|55P03|0A000)/;
const connectionLost = /Connection terminated|timeout exceeded when trying to connect|ECONNREFUSED|ECONNRESET|not queryable|pool after calling end/;

function fieldsOf(tables: Iterable<CollectionTable>, constraint: string, tableName: string | undefined): string[] {
  for (const table of tables) {
    const unique = table.uniques.find((candidate) => candidate.name === constraint);
    if (unique) return [...unique.fields];
  }
  return tableName !== undefined && constraint === `${tableName}_pkey` ? ['id'] : [];
}

function fieldOfColumn(tables: Iterable<CollectionTable>, tableName: string | undefined, column: string | undefined): string | undefined {
  for (const table of tables) {
    if (table.table === tableName) return table.fields.find((field) => field.column === column)?.name;
  }
  return undefined;
}

/** What PostgreSQL says, as the plugin may know it: names of roles, schemas and constraints stay behind, in `cause`. */
export function toPluginError(error: unknown, tables: readonly CollectionTable[]): PluginError {
  if (error instanceof PluginError) return error;
  const { code = '', constraint = '', table, column, message = '' } = (error ?? {}) as PostgresError;
  if (code === '23505') {
    const fields = fieldsOf(tables, constraint, table);
    return Conflict({ message: `There is a record with the same ${fields.join(', ') || 'unique values'} already.`, details: { fields }, cause: error });
  }
  if (code === '23502') {
    const field = fieldOfColumn(tables, table, column) ?? 'record';
    return ValidationError({ message: `${field}: is required`, details: { field, issue: 'is required' }, cause: error });
  }
  if (code === '57014' || code === '25P04') return DeadlineExceeded({ message: 'The statement took longer than it may.', cause: error });
  if (code === '42501') return Forbidden({ message: 'The statement is not allowed.', cause: error });
  if (code === '54000') return ValidationError({ message: 'A value is too long for its index.', details: { field: 'record', issue: 'a value is too long for its index' }, cause: error });
  if (code === '25006') return Forbidden({ message: 'This transaction may only read.', cause: error });
  if (unavailable.test(code) || connectionLost.test(message)) return Unavailable({ message: 'The database cannot do this right now.', cause: error });
  if (code.startsWith('22') || code.startsWith('23')) return ValidationError({ message: 'A value does not fit.', details: { field: 'record', issue: 'a value does not fit' }, cause: error });
  // a statement of ctx.sql that PostgreSQL does not understand; its message repeats names of the statement, which are the author's
  if (code.startsWith('42') || code.startsWith('21')) return ValidationError({ message: `sql: ${message}`, details: { field: 'sql', issue: message }, cause: error });
  return InternalError({ cause: error });
}

import { type Json, ValidationError } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import { isColumnNullable } from './collection-entity.ts';
import type { CollectionTable } from './collection-table.ts';
import { type Field, castTypes } from './field.ts';
import type { Parameters } from './parameters.ts';
import { toParameter } from './value.ts';

const maxOrderFields = 4;

/** One column of a list's order. Nulls come last in ascending order and first in descending, as PostgreSQL has it. */
export interface OrderTerm {
  readonly field: Field;
  readonly descending: boolean;
}

function refuseOrder(issue: string): never {
  throw ValidationError({ message: `orderBy: ${issue}`, details: { field: 'orderBy', issue } });
}

/** The order of a list; `id` is added, so that it is total. @throws VALIDATION_ERROR */
export function orderTerms(table: CollectionTable, orderBy: unknown): OrderTerm[] {
  const given = orderBy ?? [];
  if (!Array.isArray(given) || given.length > maxOrderFields) refuseOrder(`takes at most ${maxOrderFields} pairs of field and direction`);
  const terms = given.map((pair: unknown): OrderTerm => {
    const [name, direction] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const field = typeof name === 'string' ? table.byName.get(name) : undefined;
    if (!field) refuseOrder(`${String(name)} is not a field of this collection`);
    if (field.kind === 'json') refuseOrder(`${field.name} holds JSON and has no order`);
    if (direction !== 'asc' && direction !== 'desc') refuseOrder(`${field.name} needs the direction "asc" or "desc"`);
    return { field, descending: direction === 'desc' };
  });
  const id = table.byName.get('id');
  if (id && !terms.some((term) => term.field === id)) terms.push({ field: id, descending: terms.at(-1)?.descending ?? false });
  return terms;
}

export function orderSql(terms: readonly OrderTerm[]): string {
  return terms.map(({ field, descending }) => `${quoteIdentifier(field.column)} ${descending ? 'desc' : 'asc'}`).join(', ');
}

function after(term: OrderTerm, value: Json, placeholder: string): string {
  const column = quoteIdentifier(term.field.column);
  const nullable = isColumnNullable(term.field);
  if (value === null) return term.descending ? `${column} is not null` : 'false';
  if (term.descending) return `${column} < ${placeholder}`;
  return nullable ? `(${column} > ${placeholder} or ${column} is null)` : `${column} > ${placeholder}`;
}

/** The condition "comes after this position" of keyset pagination. */
export function afterPosition(terms: readonly OrderTerm[], position: readonly Json[], bound: Parameters): string {
  const placeholders = terms.map((term, at) => {
    const value = position[at] ?? null;
    return value === null ? 'null' : bound.add(toParameter(term.field, value), castTypes[term.field.kind]);
  });
  const [first] = terms;
  const uniform = first && terms.every((term) => term.descending === first.descending && !isColumnNullable(term.field));
  if (uniform) {
    // a row comparison can use an index on these columns
    const columns = terms.map((term) => quoteIdentifier(term.field.column)).join(', ');
    return `(${columns}) ${first.descending ? '<' : '>'} (${placeholders.join(', ')})`;
  }
  const alternatives = terms.map((term, at) => {
    const equal = terms.slice(0, at).map((before, index) => {
      const column = quoteIdentifier(before.field.column);
      return (position[index] ?? null) === null ? `${column} is null` : `${column} = ${placeholders[index]}`;
    });
    return [...equal, after(term, position[at] ?? null, placeholders[at] ?? 'null')].join(' and ');
  });
  return `(${alternatives.map((alternative) => `(${alternative})`).join(' or ')})`;
}

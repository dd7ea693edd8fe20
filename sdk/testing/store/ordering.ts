import type { Json, JsonObject } from '../../json.ts';
import { ValidationError } from '../../errors.ts';
import { compare } from './compare.ts';
import { type Field, refuseField } from './field.ts';

export interface OrderTerm {
  field: Field;
  descending: boolean;
}

function refuseOrder(issue: string): never {
  throw ValidationError({ message: `orderBy: ${issue}`, details: { field: 'orderBy', issue } });
}

/** The order of a list, made total by `id`. @throws VALIDATION_ERROR. */
export function orderTerms(fields: ReadonlyMap<string, Field>, orderBy: unknown): OrderTerm[] {
  const given = orderBy ?? [];
  if (!Array.isArray(given) || given.length > 4) return refuseOrder('takes at most 4 pairs of field and direction');
  const terms = given.map((pair: unknown): OrderTerm => {
    const [name, direction] = (Array.isArray(pair) ? pair : []) as unknown[];
    const field = typeof name === 'string' ? fields.get(name) : undefined;
    if (field === undefined) return refuseOrder(`${String(name)} is not a field of this collection`);
    if (field.kind === 'json') return refuseOrder(`${field.name} holds JSON and has no order`);
    if (direction !== 'asc' && direction !== 'desc') return refuseOrder(`${field.name} needs the direction "asc" or "desc"`);
    return { field, descending: direction === 'desc' };
  });
  const id = fields.get('id') as Field;
  if (!terms.some((term) => term.field === id)) terms.push({ field: id, descending: terms.at(-1)?.descending ?? false });
  return terms;
}

/** Nulls come last in ascending order and first in descending, as PostgreSQL has it. */
function termOrder(a: Json, b: Json): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compare(a, b);
}

export function positionOf(terms: readonly OrderTerm[], record: JsonObject): Json[] {
  return terms.map(({ field }) => record[field.name] ?? null);
}

/** Order of two positions of one list. */
export function positionOrder(terms: readonly OrderTerm[], a: readonly Json[], b: readonly Json[]): number {
  for (const [at, { descending }] of terms.entries()) {
    const order = termOrder(a[at] ?? null, b[at] ?? null);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** An opaque position that holds only for the query it was made for. */
export function writeCursor(query: string, position: readonly Json[]): string {
  return Buffer.from(JSON.stringify([query, position])).toString('base64url');
}

/** @throws VALIDATION_ERROR for anything that {@link writeCursor} did not make for this query. */
export function readCursor(query: string, cursor: unknown): Json[] {
  try {
    const [made, position] = JSON.parse(Buffer.from(String(cursor), 'base64url').toString()) as [string, Json[]];
    if (made === query && Array.isArray(position)) return position;
  } catch {
    // Not a cursor at all: refused like one of another query.
  }
  return refuseField('cursor', 'does not belong to this query');
}

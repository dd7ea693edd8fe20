import { isDeepStrictEqual } from 'node:util';
import { ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { compare, contains, like, operand } from './compare.ts';
import { type Field, refuseField } from './field.ts';
import { textMatch } from './text-search.ts';

const maxDepth = 8;
const maxListLength = 1000;
const maxSearchLength = 1000;

/** SQL's three values: null is "unknown", which a filter does not let through. */
type Truth = boolean | null;
type Test = (record: JsonObject) => Truth;

function refuseFilter(issue: string): never {
  throw ValidationError({ message: `where: ${issue}`, details: { field: 'where', issue } });
}

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const valueOf = (record: JsonObject, field: Field): Json => record[field.name] ?? null;

const equal = (a: Json, b: Json): boolean => isDeepStrictEqual(a, b);

function and(tests: readonly Test[]): Test {
  return (record) => {
    let result: Truth = true;
    for (const test of tests) {
      const one = test(record);
      if (one === false) return false;
      if (one === null) result = null;
    }
    return result;
  };
}

function or(tests: readonly Test[]): Test {
  return (record) => {
    let result: Truth = false;
    for (const test of tests) {
      const one = test(record);
      if (one === true) return true;
      if (one === null) result = null;
    }
    return result;
  };
}

function listOf(field: Field, value: unknown, operator: string): Json[] {
  if (!Array.isArray(value)) refuseField(field.name, `${operator} needs an array`);
  if (value.length > maxListLength) refuseField(field.name, `${operator} takes at most ${maxListLength} values`);
  return value.map((item) => operand(field, item));
}

/** A test that is unknown for a record whose field is null. */
const known = (field: Field, test: (value: Json) => boolean): Test => (record) => {
  const value = valueOf(record, field);
  return value === null ? null : test(value);
};

const orders: Record<string, (order: number) => boolean> = { $gt: (o) => o > 0, $gte: (o) => o >= 0, $lt: (o) => o < 0, $lte: (o) => o <= 0 };

function condition(field: Field, operator: string, given: unknown): Test {
  switch (operator) {
    case '$eq': {
      if (given === null) return (record) => valueOf(record, field) === null;
      const wanted = operand(field, given);
      return known(field, (value) => equal(value, wanted));
    }
    case '$ne': {
      if (given === null) return (record) => valueOf(record, field) !== null;
      const wanted = operand(field, given);
      return (record) => !equal(valueOf(record, field), wanted);
    }
    case '$in': {
      const list = listOf(field, given, operator);
      return known(field, (value) => list.some((item) => equal(item, value)));
    }
    case '$nin': {
      const list = listOf(field, given, operator);
      return (record) => !list.some((item) => equal(item, valueOf(record, field)));
    }
    case '$like': {
      if (field.kind !== 'text') refuseField(field.name, '$like applies to strings');
      const pattern = operand(field, given) as string;
      return known(field, (value) => like(value as string, pattern));
    }
    case '$contains': {
      if (field.kind !== 'json') refuseField(field.name, '$contains applies to arrays and objects');
      const wanted = operand(field, given);
      return known(field, (value) => contains(value, wanted));
    }
    case '$search': {
      if (!field.searched) refuseField(field.name, '$search needs a field that the collection declares under search');
      if (typeof given !== 'string') refuseField(field.name, 'must be searched for with a string');
      if (given.length > maxSearchLength) refuseField(field.name, `$search takes at most ${maxSearchLength} characters`);
      if (given.includes('\0')) refuseField(field.name, 'must be searched for without NUL');
      const matches = textMatch(given);
      // ids are in what the search found, or they are not: nothing is unknown
      return (record) => matches((valueOf(record, field) ?? '') as string);
    }
    case '$exists':
      if (typeof given !== 'boolean') refuseField(field.name, '$exists takes true or false');
      return (record) => (valueOf(record, field) !== null) === given;
    default: {
      const order = Object.hasOwn(orders, operator) ? orders[operator] : undefined;
      if (order === undefined) return refuseField(field.name, `${operator} is not an operator`);
      if (field.kind === 'json' || field.kind === 'boolean') refuseField(field.name, `has no order, so ${operator} does not apply`);
      const wanted = operand(field, given);
      return known(field, (value) => order(compare(value, wanted)));
    }
  }
}

function fieldTest(fields: ReadonlyMap<string, Field>, name: string, value: unknown): Test {
  const field = fields.get(name);
  if (field === undefined) return refuseField(name, 'is not a field of this collection');
  const keys = isPlain(value) ? Object.keys(value) : [];
  // An object is a set of operators when its keys start with `$`; otherwise it is a JSON value.
  if (keys.length === 0 || !keys.every((key) => key.startsWith('$'))) return condition(field, '$eq', value);
  return and(Object.entries(value as Record<string, unknown>).flatMap(([operator, given]) => (given === undefined ? [] : [condition(field, operator, given)])));
}

function compile(fields: ReadonlyMap<string, Field>, where: unknown, depth: number): Test {
  if (depth > maxDepth) refuseFilter(`is nested deeper than ${maxDepth}`);
  if (!isPlain(where)) return refuseFilter('must be an object');
  const branches = (operator: string, value: unknown): Test[] => {
    if (!Array.isArray(value) || value.length === 0) return refuseFilter(`${operator} needs an array of filters`);
    return value.map((branch) => compile(fields, branch, depth + 1));
  };
  const tests = Object.entries(where).flatMap(([key, value]): Test[] => {
    if (value === undefined) return [];
    if (key === '$and') return branches(key, value);
    if (key === '$or') return [or(branches(key, value))];
    if (key === '$not') {
      const inner = compile(fields, value, depth + 1);
      return [(record) => inner(record) !== true];
    }
    if (key.startsWith('$')) return refuseFilter(`${key} is not an operator`);
    return [fieldTest(fields, key, value)];
  });
  return and(tests);
}

/**
 * A JSON filter as a predicate, with the host's meaning of null.
 *
 * @throws VALIDATION_ERROR with `details.field` and `details.issue`.
 */
export function filterMatch(fields: ReadonlyMap<string, Field>, where: unknown): (record: JsonObject) => boolean {
  const test = compile(fields, where ?? {}, 1);
  return (record) => test(record) === true;
}

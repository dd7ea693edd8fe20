import { ValidationError } from '@proofpix/sdk';
import { quoteIdentifier } from '../role-names.ts';
import type { CollectionTable } from './collection-table.ts';
import { type Field, castTypes } from './field.ts';
import type { Parameters } from './parameters.ts';
import { refuseField } from './record-validator.ts';
import { searchCondition } from './text-search.ts';
import { toParameter } from './value.ts';

const maxDepth = 8;
const maxConditions = 200;
const maxListLength = 1000;

const comparisons: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' };

interface Compiler {
  table: CollectionTable;
  parameters: Parameters;
  conditions: number;
}

/** Where a condition stands: `needed` by every record that is found, or one of several ways, or negated. */
type Place = 'needed' | 'optional';

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object is an operator object when its keys start with `$`; otherwise it is a JSON value. */
function isOperators(value: unknown): value is Record<string, unknown> {
  if (!isPlain(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => key.startsWith('$'));
}

function refuseFilter(issue: string): never {
  throw ValidationError({ message: `where: ${issue}`, details: { field: 'where', issue } });
}

function listOf(field: Field, value: unknown, operator: string): unknown[] {
  if (!Array.isArray(value)) refuseField(field.name, `${operator} needs an array`);
  if (value.length > maxListLength) refuseField(field.name, `${operator} takes at most ${maxListLength} values`);
  return value.map((item) => toParameter(field, item));
}

function condition(compiler: Compiler, field: Field, operator: string, value: unknown, place: Place): string {
  compiler.conditions += 1;
  if (compiler.conditions > maxConditions) refuseFilter(`has more than ${maxConditions} conditions`);
  const column = quoteIdentifier(field.column);
  const cast = castTypes[field.kind];
  const bind = (): string => compiler.parameters.add(toParameter(field, value), cast);
  switch (operator) {
    case '$eq':
      return value === null ? `${column} is null` : `${column} = ${bind()}`;
    case '$ne':
      return value === null ? `${column} is not null` : `${column} is distinct from ${bind()}`;
    case '$in':
      return `${column} = any(${compiler.parameters.add(listOf(field, value, operator), `${cast}[]`)})`;
    case '$nin':
      return `(${column} is null or ${column} <> all(${compiler.parameters.add(listOf(field, value, operator), `${cast}[]`)}))`;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (field.kind === 'json' || field.kind === 'boolean') refuseField(field.name, `has no order, so ${operator} does not apply`);
      return `${column} ${comparisons[operator]} ${bind()}`;
    case '$like':
      if (field.kind !== 'text') refuseField(field.name, '$like applies to strings');
      return `${column} like ${bind()}`;
    case '$contains':
      if (field.kind !== 'json') refuseField(field.name, '$contains applies to arrays and objects');
      return `${column} @> ${bind()}`;
    case '$search':
      return searchCondition(compiler.table, field.name, value, place, (query) => compiler.parameters.add(query, 'text'));
    case '$exists':
      if (typeof value !== 'boolean') refuseField(field.name, '$exists takes true or false');
      return value ? `${column} is not null` : `${column} is null`;
    default:
      return refuseField(field.name, `${operator} is not an operator`);
  }
}

function fieldCondition(compiler: Compiler, name: string, value: unknown, place: Place): string[] {
  const field = compiler.table.byName.get(name);
  if (!field) refuseField(name, 'is not a field of this collection');
  if (!isOperators(value)) return [condition(compiler, field, '$eq', value, place)];
  return Object.entries(value).flatMap(([operator, operand]) => (operand === undefined ? [] : [condition(compiler, field, operator, operand, place)]));
}

function branches(compiler: Compiler, operator: string, value: unknown, depth: number, place: Place): string[] {
  if (!Array.isArray(value) || value.length === 0) refuseFilter(`${operator} needs an array of filters`);
  return value.map((branch) => filter(compiler, branch, depth + 1, place));
}

function filter(compiler: Compiler, value: unknown, depth: number, place: Place): string {
  if (depth > maxDepth) refuseFilter(`is nested deeper than ${maxDepth}`);
  if (!isPlain(value)) refuseFilter('must be an object');
  const parts: string[] = [];
  for (const [key, operand] of Object.entries(value)) {
    if (operand === undefined) continue;
    if (key === '$and') parts.push(...branches(compiler, key, operand, depth, place));
    else if (key === '$or') parts.push(`(${branches(compiler, key, operand, depth, 'optional').join(' or ')})`);
    else if (key === '$not') parts.push(`(${filter(compiler, operand, depth + 1, 'optional')}) is not true`);
    else if (key.startsWith('$')) refuseFilter(`${key} is not an operator`);
    else parts.push(...fieldCondition(compiler, key, operand, place));
  }
  if (parts.length > maxConditions) refuseFilter(`has more than ${maxConditions} conditions`);
  return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
}

/**
 * A JSON filter as a condition with bound values. Names come from the collection's table only, so nothing of the
 * filter but its shape reaches the statement's text.
 *
 * @throws VALIDATION_ERROR with `details.field` and `details.issue`
 */
export function compileFilter(table: CollectionTable, where: unknown, bound: Parameters): string {
  return filter({ table, parameters: bound, conditions: 0 }, where ?? {}, 1, 'needed');
}

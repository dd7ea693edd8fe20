import { ValidationError } from '@proofpix/sdk';
import { betweens, expressionKinds, functions, grammar, operators, statements, systemColumns, types, valueFunctions } from './grammar.ts';

const maxDepth = 100;

type Node = Readonly<Record<string, unknown>>;

/** What a statement was found to be. */
export interface Admitted {
  readonly kind: 'select' | 'insert' | 'update' | 'delete';
  /** numbers of parameters that are cast to json or jsonb */
  readonly jsonParameters: ReadonlySet<number>;
}

interface Walk {
  readonly tables: ReadonlySet<string>;
  readonly commonTables: ReadonlySet<string>;
  readonly parameterCount: number;
  readonly jsonParameters: Set<number>;
}

export function refuseSql(issue: string): never {
  throw ValidationError({ message: `sql: ${issue}`, details: { field: 'sql', issue } });
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The strings of a qualified name: `[{String: {sval}}, …]`. */
function names(list: unknown): string[] {
  return Array.isArray(list) ? list.map((item: { String?: { sval?: string } }) => item.String?.sval ?? '*') : [];
}

/** The last part of a name that is unqualified or PostgreSQL's own. */
function ownName(parts: readonly string[], what: string): string {
  const [first = '', second] = parts;
  if (parts.length === 1) return first;
  if (parts.length === 2 && first === 'pg_catalog' && second !== undefined) return second;
  return refuseSql(`${what} ${parts.join('.')} is qualified`);
}

function checkTable(walk: Walk, node: Node, writes: boolean): void {
  const name = String(node['relname']);
  if (walk.tables.has(name)) return;
  if (writes || !walk.commonTables.has(name)) refuseSql(`${name} is not a collection of this plugin`);
}

/** Rules beyond the shape of single nodes. */
const rules: Readonly<Record<string, (node: Node, walk: Walk) => void>> = {
  RangeVar: (node, walk) => checkTable(walk, node, false),
  InsertStmt(node, walk) {
    checkTable(walk, node['relation'] as Node, true);
    if (node['override'] !== 'OVERRIDING_NOT_SET') refuseSql('OVERRIDING is not admitted');
  },
  UpdateStmt: (node, walk) => checkTable(walk, node['relation'] as Node, true),
  DeleteStmt: (node, walk) => checkTable(walk, node['relation'] as Node, true),
  CommonTableExpr(node) {
    if (!('SelectStmt' in (node['ctequery'] as Node))) refuseSql('WITH takes SELECT only');
  },
  ParamRef(node, walk) {
    const number = Number(node['number'] ?? 0);
    if (number < 1 || number > walk.parameterCount) refuseSql('a placeholder has no value');
  },
  ColumnRef(node) {
    const parts = names(node['fields']);
    const last = parts.at(-1) ?? '';
    if (parts.length > 2) refuseSql(`column ${parts.join('.')} is qualified with a schema`);
    if (systemColumns.has(last) || last.startsWith('pg_') || functionsAsColumns.has(last)) refuseSql(`column ${last} is not admitted`);
  },
  FuncCall(node) {
    const name = ownName(names(node['funcname']), 'function');
    if (!functions.has(name)) refuseSql(`function ${name} is not admitted`);
  },
  TypeName(node) {
    const name = ownName(names(node['names']), 'type');
    if (!types.has(name)) refuseSql(`type ${name} is not admitted`);
  },
  TypeCast(node, walk) {
    const type = names((node['typeName'] as Node)['names']).at(-1);
    const parameter = (node['arg'] as { ParamRef?: { number?: number } }).ParamRef;
    if (parameter && (type === 'json' || type === 'jsonb')) walk.jsonParameters.add(parameter.number ?? 0);
  },
  A_Expr(node) {
    const kind = String(node['kind']);
    const parts = names(node['name']);
    if (!expressionKinds.has(kind) || parts.length !== 1) refuseSql(`the expression ${parts.join('.')} is not admitted`);
    const [operator = ''] = parts;
    if (!operators.has(operator) && !betweens.has(operator)) refuseSql(`operator ${operator} is not admitted`);
  },
  SubLink(node) {
    const operator = names(node['operName']);
    if (operator.length > 1 || operator.some((name) => !operators.has(name))) refuseSql(`operator ${operator.join('.')} is not admitted`);
  },
  SQLValueFunction(node) {
    if (!valueFunctions.has(String(node['op']))) refuseSql('functions about the session are not admitted');
  },
  CollateClause(node) {
    if (names(node['collname']).length !== 1) refuseSql('a collation is not qualified');
  },
  A_Indirection(node) {
    for (const step of node['indirection'] as Node[]) if (!('A_Indices' in step)) refuseSql('fields of composite values are not admitted');
  },
};

/** `t.f` calls a function `f(t)` when there is no such column: those that take any row. */
const functionsAsColumns = new Set(['row_to_json', 'to_json', 'to_jsonb', 'record_out', 'hash_record', 'quote_literal', 'quote_nullable', 'num_nulls', 'num_nonnulls', 'format', 'concat']);

function walkBare(type: string, node: unknown, walk: Walk, depth: number): void {
  if (depth > maxDepth) refuseSql(`is nested deeper than ${maxDepth}`);
  const fields = grammar[type];
  if (!fields || !Object.hasOwn(grammar, type)) refuseSql(`${type} is not admitted`);
  if (!isNode(node)) refuseSql(`${type} is not understood`);
  rules[type]?.(node, walk);
  for (const [key, value] of Object.entries(node)) {
    if (key === 'location') continue;
    const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (shape === undefined) refuseSql(`${type}.${key} is not admitted`);
    if (shape === 'leaf') continue;
    if (shape === 'node') walkNode(value, walk, depth + 1);
    else if (shape === 'nodes') for (const item of value as unknown[]) walkNode(item, walk, depth + 1);
    else walkBare(shape, value, walk, depth + 1);
  }
}

function walkNode(value: unknown, walk: Walk, depth: number): void {
  if (!isNode(value)) refuseSql('is not understood');
  // an empty place in a list, as in plain DISTINCT
  for (const [type, node] of Object.entries(value)) walkBare(type, node, walk, depth);
}

/** Names of all common tables; none may hide a system catalogue, which an inner WITH would leave visible outside. */
function commonTables(value: unknown, found: Set<string>, depth: number): Set<string> {
  if (depth > maxDepth * 3) refuseSql('is nested too deeply');
  if (Array.isArray(value)) for (const item of value) commonTables(item, found, depth + 1);
  else if (isNode(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (key === 'CommonTableExpr') {
        const name = String((child as Node)['ctename']);
        if (!/^[a-z][a-z0-9_]*$/.test(name) || name.startsWith('pg_')) refuseSql(`${name} is not a name for WITH`);
        found.add(name);
      }
      commonTables(child, found, depth + 1);
    }
  }
  return found;
}

const kinds: Readonly<Record<string, Admitted['kind']>> = { SelectStmt: 'select', InsertStmt: 'insert', UpdateStmt: 'update', DeleteStmt: 'delete' };

/**
 * Admits a parsed text when it is one SELECT, INSERT, UPDATE or DELETE on the given tables that uses nothing but the
 * grammar here. Unqualified names of relations resolve to the plugin's schema or to PostgreSQL's catalogue, and every
 * relation of the catalogue begins with `pg_`.
 *
 * @throws VALIDATION_ERROR with the reason in `details.issue`
 */
export function admit(parsed: unknown, tables: ReadonlySet<string>, parameterCount: number): Admitted {
  const list = isNode(parsed) && Array.isArray(parsed['stmts']) ? (parsed['stmts'] as { stmt?: Node }[]) : [];
  const [only] = list;
  if (list.length !== 1 || !only?.stmt) refuseSql('must be exactly one statement');
  const [type = ''] = Object.keys(only.stmt);
  if (!statements.has(type)) refuseSql('must be SELECT, INSERT, UPDATE or DELETE');
  const walk: Walk = { tables, commonTables: commonTables(only.stmt, new Set(), 0), parameterCount, jsonParameters: new Set() };
  walkNode(only.stmt, walk, 0);
  return { kind: kinds[type] ?? 'select', jsonParameters: walk.jsonParameters };
}

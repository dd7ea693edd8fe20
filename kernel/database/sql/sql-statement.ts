import type { Json, JsonObject } from '@proofpix/sdk';
import { loadModule, parseSync } from 'libpg-query';
import { types } from 'pg';
import { toIso } from '../collections/value.ts';
import { type Admitted, admit, refuseSql } from './admission.ts';

const maxTextLength = 10_000;
const maxValues = 500;
const maxNesting = 60;
const maxOperators = 400;
const maxRemembered = 1_000;

/** An admitted statement of `ctx.sql`. */
export interface SqlStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly readOnly: boolean;
}

/** Admits the statements of one plugin. */
export interface SqlAdmission {
  /** @throws VALIDATION_ERROR with the reason */
  admit(strings: readonly string[], values: readonly Json[]): Promise<SqlStatement>;
}

/** Whatever makes a syntax tree one level deeper, counted in literals as well: values are to be bound. */
const deepening = /::|[-+*/%|&#@<>=~!]+|\b(?:not|is|or|and|union|except|intersect|join|collate|case|at)\b/gi;

/**
 * The parser is compiled C that runs on the host's thread: it must not be given what could exhaust its stack, nor the
 * long chains for which it takes time in the square of their length (half a second for 5,000 signs).
 */
function requireShallow(text: string): void {
  if ((text.match(deepening)?.length ?? 0) > maxOperators) refuseSql(`has more than ${maxOperators} operators`);
  let depth = 0;
  for (const char of text) {
    if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
    if (depth > maxNesting) refuseSql(`is nested deeper than ${maxNesting}`);
  }
}

function join(strings: readonly string[], valueCount: number): string {
  if (!Array.isArray(strings) || strings.some((part) => typeof part !== 'string') || strings.length !== valueCount + 1) refuseSql('is not a template');
  if (valueCount > maxValues) refuseSql(`has more than ${maxValues} values`);
  const text = strings.reduce((joined, part, at) => `${joined}$${at}${part}`);
  if (text.length > maxTextLength) refuseSql(`is longer than ${maxTextLength} characters`);
  // the wire ends a text at NUL, so the server would see another one than the parser
  if (text.includes('\0')) refuseSql('holds a NUL character');
  requireShallow(text);
  return text;
}

function bind(value: Json, isJson: boolean): unknown {
  if (value === null || value === undefined) return null;
  if (isJson || (typeof value === 'object' && !Array.isArray(value))) return JSON.stringify(value);
  return Array.isArray(value) ? value.map((item: Json) => (typeof item === 'object' && item !== null ? JSON.stringify(item) : item)) : value;
}

export function sqlAdmission(tableNames: readonly string[]): SqlAdmission {
  const tables = new Set(tableNames);
  const remembered = new Map<string, Admitted>();
  function admitted(text: string, parameterCount: number): Admitted {
    const key = `${parameterCount} ${text}`;
    const known = remembered.get(key);
    if (known) return known;
    let parsed: unknown;
    try {
      parsed = parseSync(text);
    } catch (error) {
      refuseSql(`is not understood: ${String((error as Error).message).slice(0, 200)}`);
    }
    const result = admit(parsed, tables, parameterCount);
    if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(key, result);
    return result;
  }
  return {
    async admit(strings, values) {
      const text = join(strings, values.length);
      await loadModule();
      const { kind, jsonParameters } = admitted(text, values.length);
      return { text, values: values.map((value, at) => bind(value, jsonParameters.has(at + 1))), readOnly: kind === 'select' };
    },
  };
}

const oids = { bool: 16, int8: 20, int2: 21, int4: 23, json: 114, float4: 700, float8: 701, timestamptz: 1184, numeric: 1700, jsonb: 3802 };

/** A number where JavaScript can hold it, else its text. */
function toNumber(text: string): Json {
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** A column of a result by its type: numbers, booleans and JSON as such, times as RFC 3339, arrays as arrays, all else as text. */
export function toJson(oid: number, text: string): Json {
  switch (oid) {
    case oids.bool:
      return text === 't';
    case oids.int2:
    case oids.int4:
    case oids.int8:
    case oids.float4:
    case oids.float8:
    case oids.numeric:
      return toNumber(text);
    case oids.json:
    case oids.jsonb:
      return JSON.parse(text) as Json;
    case oids.timestamptz:
      return text.includes('infinity') ? text : toIso(text);
    default:
      return text.startsWith('{') ? toArray(oid, text) : text;
  }
}

function toArray(oid: number, text: string): Json {
  const value: unknown = types.getTypeParser(oid, 'text')(text);
  return Array.isArray(value) ? (JSON.parse(JSON.stringify(value)) as Json) : text;
}

/** Rows as objects by column name; of two columns with one name the last counts, as in `pg`. */
export function toObjects(fields: readonly { name: string; dataTypeID: number }[], rows: readonly (readonly (string | null)[])[]): JsonObject[] {
  return rows.map((row) =>
    Object.fromEntries(
      fields.map((field, at) => {
        const text = row[at] ?? null;
        return [field.name, text === null ? null : toJson(field.dataTypeID, text)];
      }),
    ),
  );
}

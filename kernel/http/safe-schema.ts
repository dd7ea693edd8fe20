import { RE2JS } from 're2js';

/**
 * Schemas of plugins become code in the host (validators, serializers), so only a subset is let in:
 * nothing that refers to another place, nothing whose cost is not linear in the data, bounded in size.
 */

const limits = {
  /** Of the schema as JSON. */
  characters: 65_536,
  nodes: 2_000,
  depth: 24,
  /** Branches of one anyOf, oneOf or allOf. */
  branches: 32,
  /** Schemas that one value may be compared with: nested branches multiply. */
  comparisons: 128,
  enumValues: 1_000,
  patternCharacters: 500,
  /** Instructions of a compiled pattern: time is that many steps per character. */
  patternSize: 1_500,
  /** Objects compared pairwise by uniqueItems. */
  uniqueItems: 1_000,
  nameCharacters: 200,
};

const types = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array']);
const formats = new Set(['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uri-reference', 'uuid', 'json-pointer', 'byte', 'int32', 'int64', 'float', 'double', 'password', 'binary']);
const counts = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']);
const numbers = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);
const texts = new Set(['title', 'description', '$comment', 'contentMediaType', 'contentEncoding']);
const flags = new Set(['deprecated', 'readOnly', 'writeOnly', 'uniqueItems']);
const data = new Set(['default', 'examples', 'const', 'enum']);
const dangerous = new Set(['__proto__', 'constructor', 'prototype']);

type Node = Readonly<Record<string, unknown>>;
type Found = { issue: string } | null;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const issue = (at: string, text: string): Found => ({ issue: `${at === '' ? 'the schema' : at} ${text}` });

/** Why a pattern may not be used, or null. Runs on an engine that is linear in its input. */
function patternIssue(pattern: unknown): string | null {
  if (typeof pattern !== 'string') return 'is no text';
  if (pattern.length > limits.patternCharacters) return `is longer than ${limits.patternCharacters} characters`;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern)).programSize() > limits.patternSize ? 'is too large when compiled' : null;
  } catch {
    return 'is not a pattern of the linear-time syntax (no look-around, no back-references)';
  }
}

interface Walk {
  nodes: number;
}

function nameIssue(name: string): string | null {
  if (dangerous.has(name)) return 'is a forbidden name';
  return name.length > limits.nameCharacters ? 'is too long a name' : null;
}

function keywordIssue(key: string, value: unknown, node: Node): string | null {
  if (texts.has(key)) return typeof value === 'string' ? null : 'must be text';
  if (flags.has(key) && key !== 'uniqueItems') return typeof value === 'boolean' ? null : 'must be true or false';
  if (counts.has(key)) return Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'must be a count';
  if (numbers.has(key)) return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number';
  if (key === 'multipleOf') return typeof value === 'number' && value > 0 && Number.isFinite(value) ? null : 'must be a positive number';
  if (key === 'type') {
    const named = Array.isArray(value) ? value : [value];
    return named.length > 0 && new Set(named).size === named.length && named.every((type) => types.has(type as string)) ? null : 'is not a JSON type';
  }
  if (key === 'format') return formats.has(value as string) ? null : 'is not a format known here';
  if (key === 'pattern') return patternIssue(value);
  if (key === 'required') return Array.isArray(value) && value.length <= limits.nodes && new Set(value).size === value.length && value.every((name) => typeof name === 'string' && nameIssue(name) === null) ? null : 'must list property names';
  if (key === 'enum') return Array.isArray(value) && value.length > 0 && value.length <= limits.enumValues ? dataIssue(value) : `must list 1 to ${limits.enumValues} values`;
  if (data.has(key)) return dataIssue(value);
  if (key === 'uniqueItems') return uniqueItemsIssue(value, node);
  return 'is not allowed';
}

function uniqueItemsIssue(value: unknown, node: Node): string | null {
  if (typeof value !== 'boolean') return 'must be true or false';
  const scalar = isNode(node['items']) && typeof node['items']['type'] === 'string' && !['object', 'array'].includes(node['items']['type']);
  const bounded = typeof node['maxItems'] === 'number' && node['maxItems'] <= limits.uniqueItems;
  return !value || scalar || bounded ? null : `needs items of one plain type, or maxItems of at most ${limits.uniqueItems}`;
}

/** Literal values take part in comparisons only, but their keys must be harmless when copied. */
function dataIssue(value: unknown): string | null {
  if (Array.isArray(value)) return value.map(dataIssue).find((found) => found !== null) ?? null;
  if (!isNode(value)) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = dangerous.has(key) ? 'holds a forbidden key' : dataIssue(inner);
    if (found !== null) return found;
  }
  return null;
}

/** Sub-schemas of a node: keyword, place, schema. */
function* children(node: Node): Generator<readonly [at: string, schema: unknown, keyword: string]> {
  for (const key of ['properties', 'patternProperties'] as const) {
    const map = node[key];
    if (isNode(map)) for (const [name, schema] of Object.entries(map)) yield [`${key}/${name}`, schema, key];
  }
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
    const list = node[key];
    if (Array.isArray(list)) for (const [at, schema] of list.entries()) yield [`${key}/${at}`, schema, key];
  }
  for (const key of ['items', 'additionalProperties', 'not'] as const) if (node[key] !== undefined) yield [key, node[key], key];
}

const structural = new Set(['properties', 'patternProperties', 'anyOf', 'oneOf', 'allOf', 'prefixItems', 'items', 'additionalProperties', 'not']);

function structureIssue(key: string, value: unknown): string | null {
  if (key === 'properties' || key === 'patternProperties') {
    if (!isNode(value)) return 'must be an object of schemas';
    const names = Object.keys(value);
    if (key === 'patternProperties' && names.length > 8) return 'has too many patterns';
    return names.map((name) => nameIssue(name) ?? (key === 'patternProperties' ? patternIssue(name) : null)).find((found) => found !== null) ?? null;
  }
  if (key === 'anyOf' || key === 'oneOf' || key === 'allOf' || key === 'prefixItems') return Array.isArray(value) && value.length > 0 && value.length <= limits.branches ? null : `must list 1 to ${limits.branches} schemas`;
  return null;
}

function nodeIssue(node: unknown, at: string, depth: number, walk: Walk): Found {
  walk.nodes += 1;
  if (typeof node === 'boolean') return null;
  if (!isNode(node)) return issue(at, 'is no schema');
  if (depth > limits.depth) return issue(at, 'is nested too deeply');
  if (walk.nodes > limits.nodes) return issue('', `has more than ${limits.nodes} parts`);
  for (const [key, value] of Object.entries(node)) {
    const found = structural.has(key) ? structureIssue(key, value) : keywordIssue(key, value, node);
    if (found !== null) return issue(`${at}/${key}`.slice(0, 300), found);
  }
  for (const [place, schema] of children(node)) {
    const found = nodeIssue(schema, `${at}/${place}`.slice(0, 300), depth + 1, walk);
    if (found !== null) return found;
  }
  return null;
}

/** How many schemas one value meets at the most: branches add up, and what lies below them multiplies nothing else. */
function comparisons(node: unknown): number {
  if (!isNode(node)) return 1;
  let here = 1;
  let below = 1;
  for (const [, schema, keyword] of children(node)) {
    const cost = comparisons(schema);
    if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf' || keyword === 'not') here += cost;
    else below = Math.max(below, cost);
  }
  return Math.max(here, below);
}

/**
 * Why a plugin's JSON Schema may not be used, or null. In a sentence that fits behind "the schema".
 * `$ref`, `$id`, `$defs`, `if` and every keyword not listed here are refused.
 */
export function schemaProblem(schema: unknown): string | null {
  let text: string | undefined;
  try {
    text = JSON.stringify(schema);
  } catch {
    return 'is not JSON';
  }
  if (text === undefined) return 'is not JSON';
  if (text.length > limits.characters) return `is longer than ${limits.characters} characters`;
  // what will be compiled is what JSON says, whatever else the object does
  const plain: unknown = JSON.parse(text);
  const found = nodeIssue(plain, '', 0, { nodes: 0 });
  if (found !== null) return found.issue;
  return comparisons(plain) > limits.comparisons ? `compares one value with more than ${limits.comparisons} schemas` : null;
}

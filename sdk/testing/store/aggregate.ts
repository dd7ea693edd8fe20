import { ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { compare } from './compare.ts';
import { type Field, refuseField } from './field.ts';

interface Measure {
  name: string;
  of(records: readonly JsonObject[]): Json;
}

function columns(fields: ReadonlyMap<string, Field>, option: string, names: unknown): Field[] {
  if (names === undefined) return [];
  if (!Array.isArray(names)) return refuseField(option, 'must be an array of fields');
  return names.map((name) => {
    const field = fields.get(name as string);
    if (field === undefined) return refuseField(option, `${String(name)} is not a field of this collection`);
    if (field.kind === 'json') return refuseField(option, `${field.name} holds JSON`);
    return field;
  });
}

function values(field: Field, records: readonly JsonObject[]): Json[] {
  return records.flatMap((record) => (record[field.name] == null ? [] : [record[field.name] as Json]));
}

function keyOrder(a: readonly Json[], b: readonly Json[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] as Json;
    const order = value === null || other === null ? Number(value === null) - Number(other === null) : compare(value, other);
    if (order !== 0) return order;
  }
  return 0;
}

function measures(fields: ReadonlyMap<string, Field>, query: Record<string, unknown>): Measure[] {
  const list: Measure[] = query.count === true ? [{ name: 'count', of: (records) => records.length }] : [];
  const functions: Record<string, (values: Json[]) => Json> = {
    sum: (all) => (all.length === 0 ? null : (all as number[]).reduce((a, b) => a + b, 0)),
    avg: (all) => (all.length === 0 ? null : (all as number[]).reduce((a, b) => a + b, 0) / all.length),
    min: (all) => all.toSorted(compare)[0] ?? null,
    max: (all) => all.toSorted(compare).at(-1) ?? null,
  };
  for (const [option, fn] of Object.entries(functions)) {
    for (const field of columns(fields, option, query[option])) {
      const numeric = field.kind === 'integer' || field.kind === 'number';
      if (!numeric && (option === 'sum' || option === 'avg')) refuseField(option, `${field.name} is not a number`);
      if (field.kind === 'boolean' || field.kind === 'uuid') refuseField(option, `${field.name} has no order`);
      list.push({ name: `${option}_${field.name}`, of: (records) => fn(values(field, records)) });
    }
  }
  return list;
}

/** Groups and measures of records that were filtered already. @throws VALIDATION_ERROR. */
export function aggregate(fields: ReadonlyMap<string, Field>, records: readonly JsonObject[], query: Record<string, unknown>): JsonObject[] {
  const groupBy = columns(fields, 'groupBy', query.groupBy);
  const measured = measures(fields, query);
  if (groupBy.length + measured.length === 0) throw ValidationError({ message: 'query: asks for nothing: name groupBy, count, sum, avg, min or max', details: { field: 'query', issue: 'asks for nothing' } });
  const limit = (query.limit ?? 100) as number;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) refuseField('limit', 'must be 1 to 1000');
  const row = (group: readonly Json[], members: readonly JsonObject[]): JsonObject =>
    Object.fromEntries([...groupBy.map((field, at) => [field.name, group[at]] as const), ...measured.map((measure) => [measure.name, measure.of(members)] as const)]) as JsonObject;
  if (groupBy.length === 0) return [row([], records)];
  const groups = new Map<string, { key: Json[]; members: JsonObject[] }>();
  for (const record of records) {
    const key = groupBy.map((field) => record[field.name] ?? null);
    const group = groups.get(JSON.stringify(key)) ?? { key, members: [] };
    group.members.push(record);
    groups.set(JSON.stringify(key), group);
  }
  return [...groups.values()]
    .toSorted((a, b) => (query.count === true ? b.members.length - a.members.length : 0) || keyOrder(a.key, b.key))
    .slice(0, limit)
    .map(({ key, members }) => row(key, members));
}

import { Conflict } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { CollectionManifest } from '../../manifest.ts';
import { aggregate } from './aggregate.ts';
import { isUuid, operand, stored } from './compare.ts';
import { type Field, fieldsOf, refuseField } from './field.ts';
import { filterMatch } from './filter-match.ts';
import { orderTerms, positionOf, positionOrder, readCursor, writeCursor } from './ordering.ts';
import { recordValidator } from './record-validator.ts';

/** Records of one collection and tenant by id. Records are replaced, never changed. */
export type Rows = Map<string, JsonObject>;

/** One collection's operations, with the host's checks and errors, over rows that are handed in. */
export interface MemoryCollection {
  run(rows: Rows, operation: string, args: readonly Json[]): Json;
}

interface Made {
  now(): string;
  id(): string;
}

function options(query: Json | undefined, known: readonly string[]): Record<string, unknown> {
  if (typeof query !== 'object' || query === null || Array.isArray(query)) return refuseField('query', 'must be an object');
  for (const key of Object.keys(query)) if (!known.includes(key)) refuseField(key, 'is not an option');
  return query as Record<string, unknown>;
}

/** Nulls are distinct from each other, as in a unique index. */
function sameUnique(record: JsonObject, other: JsonObject, unique: readonly string[]): boolean {
  return unique.every((field) => record[field] != null && record[field] === other[field]);
}

/** A missing filter must not mean "everything" where records are changed. */
function required(where: Json | undefined): Json {
  return where === undefined || where === null ? refuseField('where', 'is required') : where;
}

function byId(rows: Rows, id: Json | undefined): JsonObject | null {
  return rows.get(String(id).toLowerCase()) ?? null;
}

export function memoryCollection(name: string, manifest: CollectionManifest, make: Made): MemoryCollection {
  const fields = fieldsOf(manifest);
  const validator = recordValidator(manifest, fields);
  const uniques = manifest.unique ?? [];

  /** As the host gives a record back: absent optional fields are left out, nullable ones are null. */
  function shaped(values: Record<string, unknown>): JsonObject {
    const record: Record<string, Json> = {};
    for (const field of fields.values()) {
      const value = (values[field.name] ?? null) as Json;
      if (value !== null) record[field.name] = stored(field, structuredClone(value));
      else if (field.nullable || !field.optional) record[field.name] = null;
    }
    return record;
  }

  function put(rows: Rows, record: JsonObject): JsonObject {
    for (const unique of uniques) {
      for (const other of rows.values()) {
        if (other.id !== record.id && sameUnique(record, other, unique)) throw Conflict({ message: `There is a record with the same ${unique.join(', ')} already.`, details: { fields: [...unique] } });
      }
    }
    rows.set(record.id as string, record);
    return record;
  }

  function insert(rows: Rows, input: Json | undefined): JsonObject {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return refuseField('record', 'must be an object');
    const { id: given, ...rest } = input as Record<string, Json>;
    if (given !== undefined && !isUuid(given)) return refuseField('id', 'must be a uuid');
    const id = given ?? make.id();
    if (rows.has(id)) throw Conflict({ message: 'There is a record with the same id already.', details: { fields: ['id'] } });
    const now = make.now();
    return put(rows, shaped({ ...validator.record(rest), id, createdAt: now, updatedAt: now }));
  }

  function patched(record: JsonObject, patch: Json | undefined): JsonObject {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return refuseField('patch', 'must be an object');
    const values: Record<string, unknown> = { ...record, updatedAt: make.now() };
    for (const [key, value] of Object.entries(patch as JsonObject)) {
      if (value === undefined) continue;
      const field = fields.get(key);
      if (field === undefined || field.host) return refuseField(key, field === undefined ? 'is not a field of this collection' : 'is set by the host');
      values[key] = patchedValue(field, record[key] ?? null, value);
    }
    return shaped(values);
  }

  function patchedValue(field: Field, before: Json, value: Json): Json {
    if (value === null) return field.optional || field.nullable ? null : refuseField(field.name, 'is required');
    const numeric = field.kind === 'integer' || field.kind === 'number';
    if (numeric && typeof value === 'object') {
      const { $inc: step, ...rest } = value as Record<string, Json>;
      if (step === undefined || Object.keys(rest).length > 0) return refuseField(field.name, 'takes a number or {$inc: number}');
      // NULL plus anything is NULL.
      return before === null ? null : (before as number) + (operand(field, step) as number);
    }
    validator.value(field, value);
    return value;
  }

  function find(rows: Rows, given: Json | undefined): Json {
    const query = options(given ?? {}, ['where', 'orderBy', 'limit', 'cursor']);
    const limit = (query.limit ?? 50) as number;
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) return refuseField('limit', 'must be 1 to 1000');
    const terms = orderTerms(fields, query.orderBy);
    const identity = JSON.stringify([name, query.where ?? {}, query.orderBy ?? []]);
    const after = query.cursor === undefined || query.cursor === null ? null : readCursor(identity, query.cursor);
    const all = matching(rows, query.where)
      .map((record) => ({ record, position: positionOf(terms, record) }))
      .filter(({ position }) => after === null || positionOrder(terms, position, after) > 0)
      .toSorted((a, b) => positionOrder(terms, a.position, b.position));
    const page = all.slice(0, limit);
    const last = page.at(-1);
    return { items: page.map(({ record }) => record), nextCursor: all.length > limit && last !== undefined ? writeCursor(identity, last.position) : null };
  }

  function matching(rows: Rows, where: unknown): JsonObject[] {
    return [...rows.values()].filter(filterMatch(fields, where));
  }

  const operations: Record<string, (rows: Rows, first: Json | undefined, second: Json | undefined) => Json> = {
    find,
    findOne: (rows, where) => matching(rows, where).toSorted((a, b) => ((a.id as string) < (b.id as string) ? -1 : 1))[0] ?? null,
    get: byId,
    count: (rows, where) => matching(rows, where).length,
    insert,
    insertMany(rows, records) {
      if (!Array.isArray(records)) return refuseField('records', 'must be an array');
      if (records.length > 1000) return refuseField('records', 'has more than 1000 records');
      return records.map((record: Json) => insert(rows, record));
    },
    update(rows, target, patch) {
      if (typeof target === 'string') {
        const record = byId(rows, target);
        return record === null ? null : put(rows, patched(record, patch));
      }
      return matching(rows, required(target)).map((record) => put(rows, patched(record, patch))).length;
    },
    upsert(rows, record, on) {
      const unique = Array.isArray(on) ? uniques.find((candidate) => candidate.length === on.length && candidate.every((field) => on.includes(field))) : undefined;
      if (unique === undefined) return refuseField('on', 'is not a declared unique of this collection');
      const values = validator.record(record);
      const before = [...rows.values()].find((other) => sameUnique(shaped(values), other, unique));
      if (before === undefined) return insert(rows, record);
      return put(rows, shaped({ ...values, id: before.id, createdAt: before.createdAt, updatedAt: make.now() }));
    },
    delete(rows, target) {
      if (typeof target === 'string') return rows.delete(target.toLowerCase());
      return matching(rows, required(target)).filter((record) => rows.delete(record.id as string)).length;
    },
    aggregate(rows, given) {
      const query = options(given, ['where', 'groupBy', 'count', 'sum', 'avg', 'min', 'max', 'limit']);
      return aggregate(fields, matching(rows, query.where), query);
    },
  };

  return {
    run(rows, operation, [first, second]) {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (run === undefined) return refuseField('op', 'is not an operation');
      // One statement is all or nothing: rows change only when it has succeeded as a whole.
      const working: Rows = new Map(rows);
      const result = run(working, first, second);
      rows.clear();
      for (const [id, record] of working) rows.set(id, record);
      return result;
    },
  };
}

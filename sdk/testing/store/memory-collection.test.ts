import t from 'tap';
import type { PluginError } from '../../errors.ts';
import { collection, type Json, type JsonObject, Type } from '../../index.ts';
import type { CollectionManifest } from '../../manifest.ts';
import { memoryCollection, type Rows } from './memory-collection.ts';

const schema = Type.Object({
  name: Type.String(),
  age: Type.Optional(Type.Integer()),
  score: Type.Optional(Type.Number()),
  active: Type.Optional(Type.Boolean()),
  born: Type.Optional(Type.String({ format: 'date-time' })),
  tags: Type.Optional(Type.Array(Type.String())),
  note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

/** People with ids that end in 1, 2, 3, …, in this order. */
function people(records: readonly JsonObject[]) {
  let made = 0;
  const rows: Rows = new Map();
  const id = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const data = collection({ schema, unique: [['name', 'age']], search: ['note'] }) as unknown as CollectionManifest;
  const store = memoryCollection('people', JSON.parse(JSON.stringify(data)) as CollectionManifest, { now: () => '2026-01-01T00:00:00.000Z', id: () => id(++made) });
  const run = (operation: string, ...args: Json[]): Json => store.run(rows, operation, args);
  for (const record of records) run('insert', record);
  const names = (where: Json): string[] => ((run('find', { where }) as { items: { name: string }[] }).items ?? []).map(({ name }) => name);
  return { run, names, id, rows };
}

function codeOf(act: () => unknown): [string, unknown] {
  try {
    act();
  } catch (error) {
    const { code, details } = error as PluginError;
    return [code, details?.field ?? details?.fields];
  }
  return ['accepted', null];
}

const crowd = [
  { name: 'Ann', age: 30, score: 1.5, active: true, born: '1990-05-01T00:00:00Z', tags: ['a', 'b'] },
  { name: 'Bob', age: 20, active: false, born: '2000-01-01T02:00:00+02:00', tags: ['b'], note: null },
  { name: 'Cy_', note: 'x' },
];

t.test('refuses what it cannot understand, naming the field', async (test) => {
  const { names, run } = people(crowd);
  const cases: [Json, string][] = [
    [{ unknown: 1 }, 'unknown'],
    [{ age: 'thirty' }, 'age'],
    [{ age: { $gt: '3' } }, 'age'],
    [{ age: { $near: 3 } }, 'age'],
    [{ age: { $in: 3 } }, 'age'],
    [{ age: { $in: Array.from({ length: 1001 }, () => 1) } }, 'age'],
    [{ age: { $like: '3%' } }, 'age'],
    [{ tags: { $gt: 'a' } }, 'tags'],
    [{ name: { $contains: 'A' } }, 'name'],
    [{ name: { $search: 'A' } }, 'name'],
    [{ note: { $search: 7 } }, 'note'],
    [{ born: 'yesterday' }, 'born'],
    [{ $where: 'true' }, 'where'],
    [{ $or: [] }, 'where'],
    [Array.from({ length: 9 }).reduce<Json>((inner) => ({ $not: inner }), {}), 'where'],
  ];
  for (const [where, field] of cases) test.same(codeOf(() => names(where)), ['VALIDATION_ERROR', field], JSON.stringify(where));
  for (const [query, field] of [[{ limit: 0 }, 'limit'], [{ limit: 1001 }, 'limit'], [{ skip: 1 }, 'skip'], [{ orderBy: [['tags', 'asc']] }, 'orderBy'], [{ orderBy: [['age', 'up']] }, 'orderBy'], [{ cursor: 'x' }, 'cursor']] as [Json, string][]) {
    test.same(codeOf(() => run('find', query)), ['VALIDATION_ERROR', field], field);
  }
  for (const act of [() => run('update', null, {}), () => run('delete', null)]) test.same(codeOf(act), ['VALIDATION_ERROR', 'where'], 'no filter is not everything');
});

t.test('filters with SQL’s idea of null', async (test) => {
  const { names } = people(crowd);
  const cases: [Json, string[]][] = [
    [{}, ['Ann', 'Bob', 'Cy_']],
    [{ age: 30 }, ['Ann']],
    [{ age: null }, ['Cy_']],
    [{ age: { $ne: 30 } }, ['Bob', 'Cy_']],
    [{ age: { $ne: null } }, ['Ann', 'Bob']],
    [{ age: { $gt: 10, $lt: 30 } }, ['Bob']],
    [{ age: { $gte: 20, $lte: 30 } }, ['Ann', 'Bob']],
    [{ age: { $in: [30, 99] } }, ['Ann']],
    [{ age: { $nin: [30] } }, ['Bob', 'Cy_']],
    [{ $not: { age: { $gt: 25 } } }, ['Bob', 'Cy_']],
    [{ name: { $like: '%n%' } }, ['Ann']],
    [{ name: { $like: 'C__' } }, ['Cy_']],
    [{ name: { $like: '%\\_' } }, ['Cy_']],
    [{ name: { $like: 'a%' } }, []],
    [{ tags: { $contains: ['b'] } }, ['Ann', 'Bob']],
    [{ tags: ['b'] }, ['Bob']],
    [{ score: { $exists: true } }, ['Ann']],
    [{ note: { $exists: false } }, ['Ann', 'Bob']],
    [{ born: '2000-01-01T00:00:00Z' }, ['Bob']],
    [{ born: { $lt: '1995-01-01T00:00:00+00:00' } }, ['Ann']],
    [{ $or: [{ name: 'Ann' }, { age: 20 }] }, ['Ann', 'Bob']],
    [{ $and: [{ active: true }, { age: 30 }] }, ['Ann']],
  ];
  for (const [where, expected] of cases) test.same(names(where), expected, JSON.stringify(where));
});

t.test('gives records back as the host does', async (test) => {
  const { run, id } = people(crowd);
  test.same(run('get', id(2)), { id: id(2), name: 'Bob', age: 20, active: false, born: '2000-01-01T00:00:00.000Z', tags: ['b'], note: null, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' });
  test.equal(run('get', 'nonsense'), null);
  test.notOk('age' in (run('get', id(3)) as object), 'an absent optional field is left out');
});

t.test('pages through ties and nulls without losing or repeating one', async (test) => {
  const { run } = people(Array.from({ length: 23 }, (_, i) => ({ name: `p${i}`, ...(i % 4 === 0 ? {} : { age: i % 3 }) })));
  for (const direction of ['asc', 'desc']) {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = run('find', { orderBy: [['age', direction]], limit: 4, cursor }) as unknown as { items: { name: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    test.equal(seen.length, 23);
    test.equal(new Set(seen).size, 23);
  }
  const first = run('find', { limit: 2 }) as { nextCursor: string };
  test.same(codeOf(() => run('find', { limit: 2, where: { age: 1 }, cursor: first.nextCursor })), ['VALIDATION_ERROR', 'cursor']);
});

t.test('writes keep uniques, and many are all or none', async (test) => {
  const { run, rows, id } = people(crowd);
  test.same(codeOf(() => run('insert', { name: 'Ann', age: 30 })), ['CONFLICT', ['name', 'age']]);
  test.same(codeOf(() => run('insertMany', [{ name: 'Dan', age: 1 }, { name: 'Ann', age: 30 }])), ['CONFLICT', ['name', 'age']]);
  test.same(codeOf(() => run('update', { active: { $ne: true } }, { name: 'Ann', age: 30 })), ['CONFLICT', ['name', 'age']]);
  test.equal(rows.size, 3);
  run('insert', { name: 'Cy_' });
  test.equal(rows.size, 4, 'nulls do not clash');
  test.same(codeOf(() => run('insert', { id: id(1), name: 'Eve' })), ['CONFLICT', ['id']]);
  test.same(codeOf(() => run('insert', { name: 'Eve', createdAt: '2020-01-01T00:00:00Z' })), ['VALIDATION_ERROR', 'createdAt']);
  test.same(codeOf(() => run('insert', { age: 3 })), ['VALIDATION_ERROR', 'name']);
});

t.test('patches replace, add and clear', async (test) => {
  const { run, id } = people(crowd);
  test.match(run('update', id(1), { age: { $inc: 5 }, note: null }), { age: 35, note: null });
  test.match(run('update', id(2), { score: 2 }), { score: 2 });
  test.notOk('active' in (run('update', id(2), { active: null }) as object));
  test.same(codeOf(() => run('update', id(1), { name: null })), ['VALIDATION_ERROR', 'name']);
  test.same(codeOf(() => run('update', id(1), { id: id(9) })), ['VALIDATION_ERROR', 'id']);
  test.equal(run('update', id(99), { age: 1 }), null);
  test.equal(run('update', { age: { $exists: true } }, { score: 9 }), 2);
  test.match(run('upsert', { name: 'Ann', age: 35, score: 0 }, ['name', 'age']), { id: id(1), score: 0 });
  test.same(codeOf(() => run('upsert', { name: 'Ann' }, ['name'])), ['VALIDATION_ERROR', 'on']);
  test.equal(run('delete', { age: null }), 1);
  test.same([run('delete', id(1)), run('delete', id(1))], [true, false]);
});

t.test('groups and measures', async (test) => {
  const { run } = people([...crowd, { name: 'Dee', age: 30, score: 2.5, active: true }]);
  test.same(run('aggregate', { groupBy: ['active'], count: true, sum: ['score'], avg: ['age'], max: ['name'] }), [
    { active: true, count: 2, sum_score: 4, avg_age: 30, max_name: 'Dee' },
    { active: false, count: 1, sum_score: null, avg_age: 20, max_name: 'Bob' },
    { active: null, count: 1, sum_score: null, avg_age: null, max_name: 'Cy_' },
  ]);
  test.same(codeOf(() => run('aggregate', {})), ['VALIDATION_ERROR', 'query']);
  test.same(codeOf(() => run('aggregate', { sum: ['name'] })), ['VALIDATION_ERROR', 'sum']);
});

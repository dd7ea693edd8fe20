import { type Json, Type } from '@proofpix/sdk';
import t from 'tap';
import { testDatabase } from '../../../test/support/database.ts';
import { testManifest } from '../../../test/support/manifest.ts';
import type { CollectionOp, Scope } from '../index.ts';

const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 5_000 };
const b: Scope = { tenantId: '01900000-0000-7000-8000-00000000000b', timeoutMs: 5_000 };
const nobody = '01900000-0000-7000-8000-0000000000ff';

const manifest = testManifest({
  id: 'note-book',
  collections: {
    notes: {
      schema: Type.Object({
        title: Type.String({ maxLength: 50, pattern: '^[A-Za-z]' }),
        body: Type.Optional(Type.String()),
        stars: Type.Integer({ default: 0 }),
        score: Type.Optional(Type.Number()),
        done: Type.Boolean({ default: false }),
        dueAt: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
        ownerId: Type.Optional(Type.String({ format: 'uuid' })),
        tags: Type.Array(Type.String(), { default: [] }),
        meta: Type.Optional(Type.Object({}, { additionalProperties: true })),
      }) as never,
      indexes: [['stars', 'title']],
      unique: [['title']],
    },
  },
});

const database = await testDatabase(t);
await database.plugins.provision(manifest);
const store = database.plugins.open(manifest);

const op = (name: CollectionOp['op'], ...args: Json[]): CollectionOp => ({ op: name, collection: 'notes', args });
const run = (name: CollectionOp['op'], ...args: Json[]): Promise<Json> => store.run(a, op(name, ...args));

t.test('bad input is refused with the field and the issue, and nothing is written', async (test) => {
  const refused: [string, CollectionOp, object][] = [
    ['unknown collection', { op: 'find', collection: 'nope', args: [] }, { field: 'collection' }],
    ['unknown field in a filter', op('find', { where: { nope: 1 } }), { field: 'nope' }],
    ['unknown operator', op('find', { where: { stars: { $regex: 'x' } } }), { field: 'stars' }],
    ['wrong type in a filter', op('find', { where: { stars: 'many' } }), { field: 'stars' }],
    ['unsafe integer', op('find', { where: { stars: 2 ** 60 } }), { field: 'stars' }],
    ['like on a number', op('find', { where: { stars: { $like: '1%' } } }), { field: 'stars' }],
    ['order of JSON', op('find', { orderBy: [['tags', 'asc']] }), { field: 'orderBy' }],
    ['injected order', op('find', { orderBy: [['stars', 'asc; drop table notes']] }), { field: 'orderBy' }],
    ['limit of 0', op('find', { limit: 0 }), { field: 'limit' }],
    ['limit of 1001', op('find', { limit: 1001 }), { field: 'limit' }],
    ['long $in', op('find', { where: { stars: { $in: Array.from({ length: 1001 }, (_, at) => at) } } }), { field: 'stars' }],
    ['deep filter', op('find', { where: Array.from({ length: 9 }).reduce<Json>((inner) => ({ $not: inner }), { stars: 1 }) as Json }), { field: 'where' }],
    ['missing field', op('insert', { body: 'x' }), { field: 'title' }],
    ['unknown field', op('insert', { title: 'x', nope: 1 }), { field: 'nope' }],
    ['host field', op('insert', { title: 'x', createdAt: '2026-01-01T00:00:00Z' }), { field: 'createdAt' }],
    ['tenant', op('insert', { title: 'x', tenantId: b.tenantId }), { field: 'tenantId' }],
    ['pattern', op('insert', { title: '1' }), { field: 'title' }],
    ['bad date', op('insert', { title: 'x', dueAt: 'tomorrow' }), { field: 'dueAt' }],
    ['nul character', op('insert', { title: 'x\u0000' }), { field: 'record' }],
    ['bad id', op('insert', { id: '7', title: 'x' }), { field: 'id' }],
    ['null for a required field', op('update', nobody, { title: null }), { field: 'title' }],
    ['patch of a host field', op('update', nobody, { updatedAt: 'x' }), { field: 'updatedAt' }],
    ['$inc on text', op('update', nobody, { title: { $inc: 1 } }), { field: 'title' }],
    ['update without filter', op('update'), { field: 'where' }],
    ['delete without filter', op('delete'), { field: 'where' }],
    ['upsert without a unique', op('upsert', { title: 'x' }, ['stars']), { field: 'on' }],
    ['sum of text', op('aggregate', { sum: ['title'] }), { field: 'sum' }],
    ['empty aggregate', op('aggregate', {}), { field: 'query' }],
  ];
  for (const [name, operation, details] of refused) await test.rejects(store.run(a, operation), { code: 'VALIDATION_ERROR', kind: 'invalid', details }, name);
  await test.rejects(run('insert', { title: 'x', body: 'y'.repeat(1_048_577) }), { code: 'PAYLOAD_TOO_LARGE' });
  await test.rejects(run('insertMany', Array.from({ length: 1001 }, () => ({ title: 'x' }))), { code: 'VALIDATION_ERROR' });
  test.equal(await run('count'), 0);
});

t.test('a record comes back as it was stored, with what the host adds', async (test) => {
  const record = { title: 'First', stars: 3, score: 0.1, dueAt: '2026-11-22T10:00:00.5+01:00', ownerId: nobody, tags: ['a', 'b'], meta: { deep: [1, { x: null }], q: `'"\\` } };
  const stored = (await run('insert', record)) as Record<string, Json>;
  test.match(stored, { ...record, dueAt: '2026-11-22T09:00:00.500Z', done: false, id: /^[0-9a-f-]{36}$/, createdAt: /^\d{4}-.*\.\d{3}Z$/, updatedAt: String });
  test.notOk('body' in stored);
  test.same(await run('get', stored['id'] as string), stored);
  test.same(await run('findOne', { title: 'First' }), stored);
  test.equal(await run('get', nobody), null);
  test.equal(await run('get', 'not-a-uuid'), null);
  const updated = (await run('update', stored['id'] as string, { stars: { $inc: 4 }, dueAt: null, score: null })) as Record<string, Json>;
  test.match(updated, { stars: 7, dueAt: null, title: 'First' });
  test.notOk('score' in updated);
  test.equal(await run('update', { stars: 7 }, { done: true }), 1);
  test.match(await run('upsert', { title: 'First', body: 'new' }, ['title']), { id: stored['id'] as string, body: 'new', stars: 0, tags: [] });
  test.equal(await run('delete', nobody), false);
  test.equal(await run('delete', stored['id'] as string), true);
  test.equal(await run('count'), 0);
});

t.test('a unique is per tenant, and its violation names the fields', async (test) => {
  const id = '01900000-0000-7000-8000-0000000000aa';
  await run('insert', { id, title: 'Same' });
  await test.rejects(run('insert', { title: 'Same' }), { code: 'CONFLICT', details: { fields: ['title'] } });
  await test.rejects(run('insert', { id, title: 'Other' }), { code: 'CONFLICT', details: { fields: ['id'] } });
  test.match(await store.run(b, op('insert', { id, title: 'Same' })), { id, title: 'Same' });
  test.equal(await run('delete', {}), 1);
  test.equal(await store.run(b, op('count')), 1);
  test.equal(await store.run(b, op('delete', { title: 'Same' })), 1);
});

t.test('filters', async (test) => {
  await run('insertMany', [
    { title: 'A', stars: 1, tags: ['x'], score: 1.5, meta: { k: 1 } },
    { title: 'B', stars: 2, tags: ['x', 'y'], dueAt: '2026-01-01T00:00:00Z' },
    { title: 'C', stars: 3, body: '50%_' },
  ]);
  const titles = async (where: Json): Promise<Json[]> => ((await run('find', { where })) as { items: { title: string }[] }).items.map((item) => item.title);
  const cases: [Json, string[]][] = [
    [{}, ['A', 'B', 'C']],
    [{ stars: 2 }, ['B']],
    [{ stars: { $eq: 2 } }, ['B']],
    [{ stars: { $ne: 2 } }, ['A', 'C']],
    [{ score: { $ne: 1.5 } }, ['B', 'C']],
    [{ stars: { $in: [1, 3] } }, ['A', 'C']],
    [{ stars: { $in: [] } }, []],
    [{ score: { $nin: [1.5] } }, ['B', 'C']],
    [{ stars: { $gt: 1, $lte: 2 } }, ['B']],
    [{ title: { $gte: 'B', $lt: 'C' } }, ['B']],
    [{ body: { $like: '50\\%%' } }, ['C']],
    [{ body: null }, ['A', 'B']],
    [{ body: { $exists: true } }, ['C']],
    [{ dueAt: { $lt: '2026-01-01T00:00:00.001Z' } }, ['B']],
    [{ tags: { $contains: ['y'] } }, ['B']],
    [{ tags: ['x'] }, ['A']],
    [{ meta: { $contains: { k: 1 } } }, ['A']],
    [{ meta: { $in: [{ k: 1 }, { k: 2 }] } }, ['A']],
    [{ $or: [{ stars: 1 }, { $and: [{ stars: 3 }, { body: { $exists: true } }] }] }, ['A', 'C']],
    [{ $not: { score: 1.5 } }, ['B', 'C']],
  ];
  for (const [where, expected] of cases) test.same(await titles(where), expected, JSON.stringify(where));
  test.equal(await run('count', { stars: { $gt: 1 } }), 2);
  test.same(await run('aggregate', { groupBy: ['done'], count: true, sum: ['stars'], avg: ['stars'], min: ['title'], max: ['dueAt'] }), [
    { done: false, count: 3, sum_stars: 6, avg_stars: 2, min_title: 'A', max_dueAt: '2026-01-01T00:00:00.000Z' },
  ]);
  test.same(await run('aggregate', { where: { stars: 99 }, sum: ['stars'], count: true }), [{ count: 0, sum_stars: null }]);
  await run('delete', {});
});

t.test('pages are stable and their cursors hold for their query only', async (test) => {
  await run('insertMany', Array.from({ length: 25 }, (_, at) => ({ title: `T${String(at).padStart(2, '0')}`, stars: at % 3, ...(at % 4 === 0 ? {} : { score: (at % 5) / 3 }) })));
  const orders: Json[] = [[], [['stars', 'desc']], [['score', 'asc'], ['title', 'desc']], [['score', 'desc']], [['createdAt', 'desc']], [['stars', 'asc'], ['score', 'desc']]];
  for (const orderBy of orders) {
    const all = ((await run('find', { orderBy, limit: 1000 })) as { items: { id: string }[] }).items.map((item) => item.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = (await run('find', { orderBy, limit: 4, cursor })) as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    } while (cursor !== null && seen.length < 100);
    test.same(seen, all, JSON.stringify(orderBy));
    test.equal(new Set(seen).size, 25);
  }
  const { nextCursor } = (await run('find', { limit: 2 })) as { nextCursor: string };
  for (const cursor of ['', 'x', nextCursor.slice(0, -1), `${nextCursor.slice(0, -2)}AA`, 7 as unknown as string]) await test.rejects(run('find', { cursor, limit: 2 }), { code: 'VALIDATION_ERROR', details: { field: 'cursor' } });
  await test.rejects(run('find', { cursor: nextCursor, where: { stars: 1 } }), { code: 'VALIDATION_ERROR' });
  await test.rejects(run('find', { cursor: nextCursor, orderBy: [['stars', 'asc']] }), { code: 'VALIDATION_ERROR' });
  await run('delete', {});
});

t.test('insertMany is all or none, and keeps the order', async (test) => {
  await test.rejects(run('insertMany', [{ title: 'Ok' }, { title: 'Ok' }]), { code: 'CONFLICT' });
  test.equal(await run('count'), 0);
  const many = (await run('insertMany', Array.from({ length: 1000 }, (_, at) => ({ title: `M${at}` })))) as { id: string; title: string }[];
  test.same(many.map((record) => record.title), Array.from({ length: 1000 }, (_, at) => `M${at}`));
  test.same(many.map((record) => record.id), many.map((record) => record.id).toSorted());
  test.equal(await run('delete', {}), 1000);
});

import { collection, definePlugin, type Json, type PluginError, Type } from '@proofpix/sdk';
import { createHarness, defaultTenantId } from '@proofpix/sdk/testing';
import t from 'tap';
import type { CollectionOp } from '../../kernel/database/index.ts';
import { testDatabase } from '../support/database.ts';

/** The harness stands in for PostgreSQL in authors' tests, so both have to answer the same. */

const plugin = definePlugin({
  id: 'parity',
  version: '1.0.0',
  title: 'Parity',
  description: '',
  collections: {
    people: collection({
      schema: Type.Object({
        name: Type.String({ minLength: 1 }),
        age: Type.Optional(Type.Integer()),
        score: Type.Optional(Type.Number()),
        active: Type.Optional(Type.Boolean({ default: false })),
        born: Type.Optional(Type.String({ format: 'date-time' })),
        team: Type.Optional(Type.String({ format: 'uuid' })),
        tags: Type.Optional(Type.Array(Type.String())),
        meta: Type.Optional(Type.Object({}, { additionalProperties: true })),
        note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
      unique: [['name', 'age']],
    }),
  },
});

const id = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const crowd = [
  { id: id(1), name: 'Ann', age: 30, score: 1.5, active: true, born: '1990-05-01T00:00:00Z', tags: ['a', 'b'], meta: { x: { y: 1 } } },
  { id: id(2), name: 'Bob', age: 20, born: '2000-01-01T02:00:00.123+02:00', tags: ['b'], note: null, team: id(9).toUpperCase() },
  { id: id(3), name: 'Cy_', note: 'x', score: -3 },
  { id: id(4), name: 'ann', age: 30, meta: {} },
  { id: id(5), name: 'Ända', age: 40, active: true, tags: [] },
];

const wheres: Json[] = [
  {}, { age: 30 }, { age: null }, { age: { $ne: 30 } }, { age: { $ne: null } }, { age: { $gt: 10, $lt: 40 } }, { age: { $in: [30, 99] } }, { age: { $in: [] } }, { age: { $nin: [30] } }, { age: { $nin: [] } },
  { $not: { age: { $gt: 25 } } }, { $not: { $not: { age: 30 } } }, { name: { $like: '%n%' } }, { name: { $like: 'C__' } }, { name: { $like: '%\\_' } }, { name: { $gt: 'Z' } }, { tags: { $contains: ['b'] } }, { tags: ['b'] }, { tags: [] }, { meta: { $contains: { x: { y: 1 } } } }, { meta: {} },
  { score: { $exists: true } }, { note: { $exists: false } }, { born: '2000-01-01T00:00:00.123Z' }, { born: { $lt: '1995-01-01T00:00:00+00:00' } }, { team: id(9) }, { active: true }, { $or: [{ name: 'Ann' }, { age: { $gt: 35 } }] }, { $and: [{ active: true }, { age: 30 }] }, { score: { $gte: -3, $lte: 1.5 } },
  { unknown: 1 }, { age: 'thirty' }, { age: { $near: 3 } }, { age: { $in: 3 } }, { age: { $like: '3%' } }, { tags: { $gt: 'a' } }, { active: { $gt: false } }, { born: 'yesterday' }, { team: 'x' }, { $where: 1 }, { $or: [] }, { age: { $exists: 1 } }, { age: 1.5 }, [],
];

const orders: Json[] = [[['age', 'asc']], [['age', 'desc']], [['name', 'asc']], [['score', 'desc'], ['name', 'asc']], [['born', 'asc']], [['active', 'desc'], ['age', 'asc']], [['tags', 'asc']], [['age', 'up']]];

const groups: Json[] = [
  { count: true },
  { groupBy: ['active'], count: true, sum: ['score'], avg: ['age'], min: ['born'], max: ['name'] },
  { groupBy: ['age', 'active'], count: true },
  { where: { age: 99 }, sum: ['age'], count: true },
  {},
  { sum: ['name'] },
  { groupBy: ['tags'] },
  { max: ['active'] },
];

const changes: [CollectionOp['op'], ...Json[]][] = [
  ['insert', { name: '' }],
  ['insert', { age: 3 }],
  ['insert', { name: 'Zoe', extra: 1 }],
  ['insert', { id: 'x', name: 'Zoe' }],
  ['insert', { id: id(1), name: 'Zoe' }],
  ['insert', { name: 'Ann', age: 30 }],
  ['insert', { id: id(6), name: 'Zoe', createdAt: '2020-01-01T00:00:00Z' }],
  ['insert', { id: id(6), name: 'Zoe' }],
  ['insertMany', [{ id: id(7), name: 'Dan', age: 1 }, { id: id(8), name: 'Ann', age: 30 }]],
  ['insertMany', []],
  ['count', {}],
  ['get', id(6)],
  ['get', 'nonsense'],
  ['update', id(1), { age: { $inc: 5 }, note: null }],
  ['update', id(2), { active: null, score: 7 }],
  ['update', id(3), { age: { $inc: 1 } }],
  ['update', id(1), { name: null }],
  ['update', id(1), { id: id(9) }],
  ['update', id(1), { name: 5 }],
  ['update', id(1), { age: { $inc: 'x' } }],
  ['update', id(99), { age: 1 }],
  ['update', { active: { $ne: true } }, { name: 'Ann', age: 35 }],
  ['update', { age: { $exists: true } }, { score: 9 }],
  ['update', null, { score: 9 }],
  ['upsert', { name: 'Ann', age: 35, score: 0 }, ['name', 'age']],
  ['upsert', { name: 'Ann' }, ['name']],
  ['upsert', { name: 'Eve', age: 1 }, ['age', 'name']],
  ['delete', null],
  ['delete', id(6)],
  ['delete', id(6)],
  ['delete', { age: { $lt: 25 } }],
  ['find', { orderBy: [['name', 'asc']] }],
];

/** What differs by nature: times, and ids that the host made. */
function comparable(value: Json): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'createdAt' || key === 'updatedAt' || key === 'nextCursor' ? typeof inner : key === 'id' && !String(inner).startsWith('018f0000-0000-7000-8000-0000') ? 'made' : inner)));
}

async function outcome(act: () => Promise<Json>): Promise<unknown> {
  try {
    return comparable(await act());
  } catch (error) {
    const { code, details } = error as PluginError;
    // Two bugs are not the same answer.
    if (code === undefined) throw error;
    return { code, field: details?.field ?? null, fields: details?.fields ?? null };
  }
}

const database = await testDatabase(t);
await database.plugins.provision(plugin.manifest);
const store = database.plugins.open(plugin.manifest);
const harness = createHarness(plugin);

t.test('the same answers and the same refusals, one after the other', async (test) => {
  async function same(op: CollectionOp['op'], ...args: Json[]): Promise<void> {
    const real = await outcome(() => store.run({ tenantId: defaultTenantId, timeoutMs: 5_000 }, { op, collection: 'people', args }));
    const fake = await outcome(() => harness.db('people', op, args));
    test.same(fake, real, `${op} ${JSON.stringify(args)}`);
  }

  for (const record of crowd) await same('insert', record);
  for (const where of wheres) await same('find', { where, orderBy: [['id', 'asc']] });
  for (const orderBy of orders) await same('find', { orderBy, limit: 4 });
  for (const query of [{ limit: 0 }, { limit: 1001 }, { skip: 1 }, { cursor: 'x' }]) await same('find', query);
  for (const query of groups) await same('aggregate', query);
  for (const [op, ...args] of changes) await same(op, ...args);
});

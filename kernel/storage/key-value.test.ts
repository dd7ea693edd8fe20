import { randomUUID } from 'node:crypto';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { openKeyValue } from './key-value.ts';

const newOwner = () => ({ tenantId: randomUUID(), pluginId: 'counter' });
const invalid = { code: 'VALIDATION_ERROR' };

/** Time passes without waiting: the rows of the owner expire. */
const expire = (database: Database) => database.system((em) => statement(em, `update kernel.key_values set expires_at = now() - interval '1 second' where expires_at is not null`));

t.test('another tenant and another plugin see nothing', async (test) => {
  const store = openKeyValue({ database: await testDatabase(test) });
  const owner = newOwner();
  await store.set(owner, 'a', 1, null);
  for (const other of [{ ...owner, tenantId: randomUUID() }, { ...owner, pluginId: 'other' }]) {
    test.equal(await store.get(other, 'a'), null);
    test.equal(await store.delete(other, 'a'), false);
    test.equal(await store.count(other), 0);
    test.equal(await store.increment(other, 'a', 5, null), 5);
    await store.purge(other);
  }
  test.equal(await store.get(owner, 'a'), 1);
});

t.test('bad keys, values, amounts and times are refused and write nothing', async (test) => {
  const store = openKeyValue({ database: await testDatabase(test) });
  const owner = newOwner();
  for (const key of ['', 'x'.repeat(257), 'a\0', '\udfff']) await test.rejects(store.set(owner, key, 1, null), invalid);
  await test.rejects(store.set(owner, 'big', 'x'.repeat(65_536), null), invalid);
  await test.rejects(store.set(owner, 'undefined', undefined as unknown as null, null), invalid);
  for (const ttl of [0, -1, Number.NaN, 1e12]) await test.rejects(store.set(owner, 'ttl', 1, ttl), invalid);
  for (const by of [Number.NaN, Number.POSITIVE_INFINITY]) await test.rejects(store.increment(owner, 'n', by, null), invalid);
  await store.set(owner, 'text', 'no number', null);
  await test.rejects(store.increment(owner, 'text', 1, null), invalid);
  await store.set(owner, 'huge', Number.MAX_VALUE, null);
  await test.rejects(store.increment(owner, 'huge', Number.MAX_VALUE, null), invalid);
  test.equal(await store.get(owner, 'huge'), Number.MAX_VALUE);
  test.equal(await store.count(owner), 2);
});

t.test('a value comes back as it was written', async (test) => {
  const store = openKeyValue({ database: await testDatabase(test) });
  const owner = newOwner();
  const values = [null, false, 0, 'plain', 'with \0 and \ud800', "'; drop table x; -- ? $1 \\", [1, [2]], { b: 1, a: { c: null }, '?': '$2' }, 'x'.repeat(65_534)];
  for (const value of values) {
    await store.set(owner, '?$1', value, null);
    test.same(await store.get(owner, '?$1'), value);
  }
  test.equal(JSON.stringify(await store.get(owner, 'absent')), 'null');
  test.equal(await store.delete(owner, '?$1'), true);
  test.equal(await store.delete(owner, '?$1'), false);
});

t.test('an expired entry is absent before it is swept', async (test) => {
  const database = await testDatabase(test);
  const store = openKeyValue({ database });
  const owner = newOwner();
  for (const key of ['a', 'b', 'c']) await store.set(owner, key, 7, 60);
  await store.set(owner, 'kept', 1, null);
  await expire(database);
  test.equal(await store.get(owner, 'a'), null);
  test.equal(await store.count(owner), 1);
  test.equal(await store.delete(owner, 'a'), false);
  test.equal(await store.increment(owner, 'b', 1, 60), 1, 'starts again');
  test.equal(await store.sweep(), 1);
  test.equal(await store.count(owner), 2);
  await store.set(owner, 'b', 1, null);
  await expire(database);
  test.equal(await store.get(owner, 'b'), 1, 'set without a time to live takes the old one away');
});

t.test('increments from many sides lose nothing, and only the first sets the time to live', async (test) => {
  const database = await testDatabase(test);
  const store = openKeyValue({ database });
  const owner = newOwner();
  await Promise.all(Array.from({ length: 40 }, () => store.increment(owner, 'n', 2, 60)));
  test.equal(await store.get(owner, 'n'), 80);
  test.equal(await store.increment(owner, 'n', -0.5, null), 79.5);
  await expire(database);
  test.equal(await store.get(owner, 'n'), null);
});

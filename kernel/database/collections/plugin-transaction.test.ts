import { type Json, Type } from '@proofpix/sdk';
import t from 'tap';
import { testDatabase } from '../../../test/support/database.ts';
import { testManifest } from '../../../test/support/manifest.ts';
import type { CollectionOp, Scope } from '../index.ts';

const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 5_000 };
const manifest = testManifest({ id: 'ledger', collections: { entries: { schema: Type.Object({ name: Type.String(), amount: Type.Integer() }) as never, unique: [['name']] } } });

const database = await testDatabase(t, { poolMax: 3 });
await database.plugins.provision(manifest);
const store = database.plugins.open(manifest);
const op = (name: CollectionOp['op'], ...args: Json[]): CollectionOp => ({ op: name, collection: 'entries', args });
const count = (): Promise<Json> => store.run(a, op('count'));
const migration = (id: string): string => `insert into kernel.plugin_migrations (plugin_id, version, fingerprint, statements, deferred) values ('${id}', '1', '', '[]', '[]')`;

t.test('a malformed tenant or timeout never reaches the database', async (test) => {
  await test.rejects(store.begin({ tenantId: `'; reset role; --`, timeoutMs: 100 }), /uuid/);
  await test.rejects(store.begin({ ...a, timeoutMs: Number.NaN }), /timeout/);
  await test.rejects(store.run({ ...a, timeoutMs: 0 }, op('count')));
});

t.test('a statement that failed cannot be committed away', async (test) => {
  const tx = await store.begin(a);
  await tx.run(op('insert', { name: 'x', amount: 1 }));
  await test.rejects(tx.run(op('insert', { name: 'x', amount: 1 })), { code: 'CONFLICT' });
  await test.rejects(tx.run(op('count')), { code: 'UNAVAILABLE' });
  await test.rejects(tx.commit(), { code: 'CONFLICT' });
  await test.rejects(tx.run(op('count')), { code: 'UNAVAILABLE' });
  test.equal(await count(), 0);
});

t.test('bad input does not break the transaction', async (test) => {
  const tx = await store.begin(a);
  await test.rejects(tx.run(op('insert', { name: 1, amount: 1 })), { code: 'VALIDATION_ERROR' });
  await tx.run(op('insert', { name: 'kept', amount: 1 }));
  await tx.commit();
  test.equal(await count(), 1);
  await store.run(a, op('delete', {}));
});

t.test('a read-only transaction refuses to write', async (test) => {
  const tx = await store.begin({ ...a, readOnly: true });
  await test.rejects(tx.run(op('insert', { name: 'x', amount: 1 })), { code: 'FORBIDDEN' });
  await tx.rollback();
  test.equal(await count(), 0);
});

t.test('rollback undoes, commit keeps, and both end it', async (test) => {
  for (const end of ['rollback', 'commit'] as const) {
    const tx = await store.begin(a);
    await tx.run(op('insert', { name: end, amount: 1 }));
    await tx[end]();
    await test.rejects(tx.run(op('count')), { code: 'UNAVAILABLE' });
    await tx.rollback();
  }
  test.match(await store.run(a, op('find')), { items: [{ name: 'commit' }] });
  await store.run(a, op('delete', {}));
});

t.test('the deadline ends an idle and a busy transaction, and frees the connection', async (test) => {
  const idle = await store.begin({ ...a, timeoutMs: 100 });
  await idle.run(op('insert', { name: 'lost', amount: 1 }));
  const holder = await store.begin(a);
  await holder.run(op('insert', { name: 'held', amount: 1 }));
  const busy = await store.begin({ ...a, timeoutMs: 200 });
  const startedMs = Date.now();
  // waits for the row that `holder` has not committed
  await test.rejects(busy.run(op('insert', { name: 'held', amount: 2 })), { code: 'DEADLINE_EXCEEDED' });
  test.ok(Date.now() - startedMs < 1_500);
  await test.rejects(idle.run(op('count')), { code: 'DEADLINE_EXCEEDED' });
  await test.rejects(idle.commit());
  await holder.rollback();
  // all three connections of the pool are free again
  const three = await Promise.all([store.begin(a), store.begin(a), store.begin(a)]);
  await Promise.all(three.map((tx) => tx.rollback()));
  test.equal(await count(), 0);
});

t.test('a slow statement outside a transaction meets its timeout', async (test) => {
  const holder = await store.begin(a);
  await holder.run(op('insert', { name: 'held', amount: 1 }));
  await test.rejects(store.run({ ...a, timeoutMs: 100 }, op('insert', { name: 'held', amount: 2 })), { code: 'DEADLINE_EXCEEDED', kind: 'unavailable' });
  await holder.rollback();
});

t.test('host work is of the same transaction, under the login, and the role comes back', async (test) => {
  const tx = await store.begin(a);
  await tx.run(op('insert', { name: 'x', amount: 1 }));
  const [seen] = await tx.host((em) => em.execute(`select current_user::text as role, current_setting('app.tenant') as tenant`));
  test.match(seen, { role: `${database.prefix}_app`, tenant: a.tenantId });
  await tx.host((em) => em.transactional((inner) => inner.getConnection().execute('select 1')));
  await test.rejects(tx.host((em) => em.execute('select * from plugin_ledger.entries')), { code: 'FORBIDDEN' });
  await test.rejects(tx.commit(), { code: 'CONFLICT' });
  test.equal(await count(), 0);

  const kept = await store.begin(a);
  // sent together on purpose: no operation of the plugin may slip into the host's turn
  const [, role, record] = await Promise.all([
    kept.host((em) => em.execute(`set local role ${database.prefix}_system`).then(() => em.execute(migration('by-host')))),
    kept.host((em) => em.execute('select current_user::text as role')),
    kept.run(op('insert', { name: 'y', amount: 2 })),
  ]);
  test.match(role, [{ role: `${database.prefix}_app` }]);
  test.match(record, { name: 'y' });
  await kept.commit();
  test.equal(await count(), 1);
  test.match(await database.system((em) => em.execute(`select plugin_id from kernel.plugin_migrations where plugin_id = 'by-host'`)), [{ plugin_id: 'by-host' }]);
});

t.test('host work rolls back with the plugin', async (test) => {
  const tx = await store.begin(a);
  await tx.host((em) => em.execute(`set local role ${database.prefix}_system`).then(() => em.execute(migration('undone'))));
  await tx.rollback();
  test.same(await database.system((em) => em.execute(`select 1 from kernel.plugin_migrations where plugin_id = 'undone'`)), []);
});

t.test('no identity is left on a pooled connection', async (test) => {
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => count()));
  for (let turn = 0; turn < 3; turn += 1) {
    const [row] = await database.orm.em.fork().execute(`select current_user::text as role, current_setting('app.tenant', true) as tenant, current_setting('statement_timeout') as timeout`);
    test.match(row, { role: `${database.prefix}_app`, tenant: '', timeout: /^(0|1min)$/ });
  }
});

import { type Json, type Manifest, Type } from '@proofpix/sdk';
import { Client } from 'pg';
import t from 'tap';
import { testDatabase } from '../../../test/support/database.ts';
import { testManifest } from '../../../test/support/manifest.ts';
import { type Database, openDatabase, type Scope } from '../index.ts';
import { quietLog, testMasterKey } from '../../../test/support/database.ts';

const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 5_000 };
const b: Scope = { tenantId: '01900000-0000-7000-8000-00000000000b', timeoutMs: 5_000 };

type Shape = Record<string, unknown>;
const version = (number: string, properties: Shape, rest: { unique?: string[][]; indexes?: string[][]; drop?: string[] } = {}): Manifest =>
  testManifest({
    id: 'shop',
    version: number,
    collections: { orderItems: { schema: Type.Object(properties as never) as never, ...(rest.unique ? { unique: rest.unique } : {}), ...(rest.indexes ? { indexes: rest.indexes } : {}) } },
    migrations: { drop: rest.drop ?? [] },
  });

const insert = (database: Database, manifest: Manifest, record: Json, scope = a): Promise<Json> => database.plugins.open(manifest).run(scope, { op: 'insert', collection: 'orderItems', args: [record] });
const find = async (database: Database, manifest: Manifest, scope = a): Promise<Json[]> => ((await database.plugins.open(manifest).run(scope, { op: 'find', collection: 'orderItems', args: [] })) as { items: Json[] }).items;

const v1 = version('1.0.0', { name: Type.String(), note: Type.String(), count: Type.Integer() }, { unique: [['name']], indexes: [['count']] });

t.test('a schema that cannot become a table is refused before anything is made', async (test) => {
  const database = await testDatabase(test);
  for (const properties of [{ id: Type.String() }, { tenantId: Type.String() }, { createdAt: Type.String() }, { 'a"; drop': Type.String() }, { Upper: Type.String() }]) {
    await test.rejects(database.plugins.provision(version('1.0.0', properties)), { code: 'VALIDATION_ERROR' }, Object.keys(properties)[0] ?? '');
  }
  await test.rejects(database.plugins.provision(version('1.0.0', { a: Type.String() }, { unique: [['b']] })), { code: 'VALIDATION_ERROR' });
  await test.rejects(database.plugins.provision(version('1.0.0', { a: Type.String({ pattern: '(?=x)' }) })), { code: 'VALIDATION_ERROR' });
  test.same(await database.boot((query) => query(`select nspname from pg_namespace where nspname like 'plugin%'`)), []);
});

t.test('a dry run executes everything and keeps nothing', async (test) => {
  const database = await testDatabase(test);
  const only = testManifest({ ...v1, id: 'dry-run' });
  const planned = await database.plugins.provision(only, { dryRun: true });
  test.match(planned.statements.join('\n'), /create table "plugin_dry_run"."order_items"/);
  test.match(planned.statements.join('\n'), /force row level security/);
  test.same(await database.boot((query) => query(`select 1 from pg_namespace where nspname = 'plugin_dry_run'`)), []);
  test.same(await database.boot((query) => query(`select 1 from pg_roles where rolname = $1`, [`${database.prefix}_p_dry_run`])), []);
  test.same(await database.system((em) => em.execute('select * from kernel.plugin_migrations')), []);
});

t.test('provisioning again changes nothing, from several nodes at once', async (test) => {
  const database = await testDatabase(test);
  const results = await Promise.all([1, 2, 3].map(() => database.plugins.provision(v1)));
  test.equal(results.filter((result) => result.statements.length > 0).length, 1);
  // the comparison itself finds nothing either, not only the record of the version
  test.same(await database.plugins.provision(v1, { allowContract: true }), { statements: [], deferred: [] });
  test.match(await database.system((em) => em.execute('select plugin_id, version from kernel.plugin_migrations')), [{ plugin_id: 'shop', version: '1.0.0' }]);
});

t.test('a version with the collections of another one only gets its record, unless that one still has to contract', async (test) => {
  const database = await testDatabase(test);
  const versions = (): Promise<string> => database.system(async (em) => (await em.execute<{ version: string }[]>('select version from kernel.plugin_migrations order by 1')).map((row) => row.version).join());
  await database.plugins.provision(v1);
  // a lock that only the comparison would wait for
  const client = new Client({ connectionString: database.bootUrl });
  await client.connect();
  test.teardown(() => client.end());
  await client.query('begin; lock table plugin_shop.order_items in access exclusive mode');
  test.same(await database.plugins.provision({ ...v1, version: '1.0.1' }), { statements: [], deferred: [] });
  await client.query('rollback');
  test.equal(await versions(), '1.0.0,1.0.1');

  const dropping = { ...version('2.0.0', { name: Type.String() }, { drop: ['orderItems.note', 'orderItems.count'] }) };
  await database.plugins.provision(dropping);
  const { deferred } = await database.plugins.provision({ ...dropping, version: '2.0.1' });
  test.ok(deferred.length > 0, 'compared again');
  await database.plugins.provision(dropping, { allowContract: true });
  test.equal(await versions(), '2.0.0');
  test.match((await database.plugins.provision({ ...v1, version: '1.0.1' })).statements.join(), /add "note"/, 'a version whose columns are gone gets them again');
});

t.test('the plugin role sees its tenant, the system role all, the serving login none', async (test) => {
  const database = await testDatabase(test);
  await database.plugins.provision(v1);
  await insert(database, v1, { name: 'x', note: 'n', count: 1 });
  await insert(database, v1, { name: 'x', note: 'n', count: 1 }, b);
  await test.rejects(database.tenant(a.tenantId, (em) => em.execute('select * from plugin_shop.order_items')), /permission denied/);
  test.equal((await find(database, v1)).length, 1);
  test.match(await database.system((em) => em.execute('select count(*)::int as n from plugin_shop.order_items')), [{ n: 2 }]);
  await database.plugins.purgeTenant('shop', a.tenantId);
  test.same(await find(database, v1), []);
  test.equal((await find(database, v1, b)).length, 1);
});

t.test('two versions run side by side: only expansion happens', async (test) => {
  const database = await testDatabase(test);
  await database.plugins.provision(v1);
  await insert(database, v1, { name: 'old', note: 'n', count: 1 });
  const v2 = version('2.0.0', { name: Type.String(), count: Type.Number(), colour: Type.String({ default: 'red' }), remark: Type.Optional(Type.String()) }, { drop: ['orderItems.note'] });
  const { statements, deferred } = await database.plugins.provision(v2);
  test.notMatch(statements.join('\n'), /drop column|drop constraint|drop index|rename/);
  test.match(deferred.join('\n'), /drop field orderItems.note: waits until no tenant needs the older version/);
  test.match(deferred.join('\n'), /drop unique/);
  // both write, both read
  await insert(database, v2, { name: 'new', count: 1.5 });
  await insert(database, v1, { name: 'old again', note: 'n', count: 2 });
  test.match(await find(database, v2), [{ name: 'old', colour: 'red' }, { name: 'new', count: 1.5 }, { name: 'old again', colour: 'red' }]);
  test.match(await find(database, v1), [{ name: 'old', note: 'n' }, { name: 'new', note: null }, { name: 'old again', note: 'n' }]);
  test.same((await database.plugins.provision(v1)).statements, [], 'the older version may be provisioned again');

  const contracted = await database.plugins.provision(v2, { allowContract: true });
  test.match(contracted.statements.join('\n'), /drop column "note"/);
  test.same(contracted.deferred, []);
  test.equal((await find(database, v2)).length, 3);
  test.same(await database.system((em) => em.execute('select version from kernel.plugin_migrations')), [{ version: '2.0.0' }]);
});

t.test('what is not named in migrations.drop is kept for good', async (test) => {
  const database = await testDatabase(test);
  await database.plugins.provision(v1);
  const without = testManifest({ id: 'shop', version: '3.0.0', collections: {} });
  const { statements, deferred } = await database.plugins.provision(without, { allowContract: true });
  test.same(statements, []);
  test.match(deferred, [/kept, because migrations.drop does not name it/]);
  const named = testManifest({ id: 'shop', version: '3.0.1', collections: {}, migrations: { drop: ['orderItems'] } });
  test.match((await database.plugins.provision(named, { allowContract: true })).statements.join(), /drop table/);
});

t.test('what existing records forbid is refused readably and changes nothing', async (test) => {
  const database = await testDatabase(test);
  await database.plugins.provision(v1);
  await insert(database, v1, { name: 'x', note: 'same', count: 1 });
  await insert(database, v1, { name: 'y', note: 'same', count: 1 });
  const base = { name: Type.String(), note: Type.String(), count: Type.Integer() };
  await test.rejects(database.plugins.provision(version('2.0.0', { ...base, size: Type.Integer() })), { code: 'CONFLICT', message: /orderItems.size is a new required field.*default/ });
  await test.rejects(database.plugins.provision(version('2.0.0', { ...base, note: Type.Integer() })), { code: 'CONFLICT', message: /cannot change its type/ });
  await test.rejects(database.plugins.provision(version('2.0.0', base, { unique: [['note']] })), { code: 'CONFLICT', message: /not unique/ });
  test.same(await database.system((em) => em.execute('select version from kernel.plugin_migrations')), [{ version: '1.0.0' }]);
  test.equal((await find(database, v1)).length, 2);
});

t.test('dropping a plugin leaves neither schema nor role', async (test) => {
  const database = await testDatabase(test);
  const gone = testManifest({ ...v1, id: 'soon-gone' });
  await database.plugins.provision(gone);
  await database.plugins.drop('soon-gone');
  test.same(await database.boot((query) => query(`select 1 from pg_namespace where nspname = 'plugin_soon_gone' union all select 1 from pg_roles where rolname = $1`, [`${database.prefix}_p_soon_gone`])), []);
  await database.plugins.drop('soon-gone');
  await database.plugins.purgeTenant('soon-gone', a.tenantId);
});

t.test('a second node opens what the first provisioned', async (test) => {
  const first = await testDatabase(test);
  await first.plugins.provision(v1);
  await insert(first, v1, { name: 'x', note: 'n', count: 1 });
  const second = await openDatabase({ url: first.bootUrl, dataDir: '', masterKey: testMasterKey, log: quietLog });
  test.teardown(() => second.close());
  test.match(await find(second, v1), [{ name: 'x' }]);
});

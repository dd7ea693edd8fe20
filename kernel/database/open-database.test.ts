import t from 'tap';
import { quietLog, testDatabase, testDatabaseUrl, testMasterKey } from '../../test/support/database.ts';
import { openDatabase } from './index.ts';

const tenantA = '01900000-0000-7000-8000-00000000000a';

t.test('a node with another master key does not start', async (test) => {
  const url = await testDatabaseUrl(test);
  await test.rejects(openDatabase({ url, dataDir: '', masterKey: Buffer.alloc(32, 9), log: quietLog }), /MASTER_KEY/);
});

t.test('a tenant id that is not a uuid is refused before any SQL', async (test) => {
  const database = await testDatabase(test);
  await test.rejects(database.tenant("'; drop schema kernel; --", async () => undefined), /uuid/);
});

t.test('the serving login owns nothing and may not change tables', async (test) => {
  const database = await testDatabase(test);
  const [owned] = await database.system((em) => em.execute('select count(*)::int as n from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = ?', [`${database.prefix}_app`]));
  test.match(owned, { n: 0 });
  for (const sql of ['create table kernel.mine (id int)', 'alter table kernel.plugin_migrations disable row level security', 'create temporary table mine (id int)']) {
    await test.rejects(database.system((em) => em.execute(sql)), /permission denied|must be owner/, sql);
    await test.rejects(database.tenant(tenantA, (em) => em.execute(sql)), /permission denied|must be owner/, sql);
  }
});

t.test('a system table is invisible to a tenant and visible to the system', async (test) => {
  const database = await testDatabase(test);
  const insert = `insert into kernel.plugin_migrations (plugin_id, version, fingerprint, statements, deferred) values ('a', '1.0.0', '', '[]', '[]')`;
  await test.rejects(database.tenant(tenantA, (em) => em.execute(insert)), /row-level security/);
  await database.system((em) => em.execute(insert));
  test.same(await database.tenant(tenantA, (em) => em.execute('select plugin_id from kernel.plugin_migrations')), []);
  test.same(await database.system((em) => em.execute('select plugin_id from kernel.plugin_migrations')), [{ plugin_id: 'a' }]);
});

t.test('neither role nor tenant outlives its transaction', async (test) => {
  const database = await testDatabase(test, { poolMax: 1 });
  await database.system(async () => undefined);
  await database.tenant(tenantA, async () => undefined);
  const [row] = await database.orm.em.fork().execute(`select current_user::text as role, current_setting('app.tenant', true) as tenant`);
  test.match(row, { role: `${database.prefix}_app`, tenant: '' });
});

t.test('several nodes boot at once on an empty deployment', async (test) => {
  const url = await testDatabaseUrl(test);
  const nodes = await Promise.all([1, 2, 3].map(() => openDatabase({ url, dataDir: '', masterKey: testMasterKey, log: quietLog })));
  test.equal(new Set(nodes.map((node) => node.prefix)).size, 1);
  await Promise.all(nodes.map((node) => node.close()));
});

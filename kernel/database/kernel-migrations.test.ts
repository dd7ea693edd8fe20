import t from 'tap';
import { emptyDatabaseUrl, quietLog, testDatabase, testMasterKey } from '../../test/support/database.ts';
import { openDatabase } from './index.ts';
import { openMigrationOrm, placeholderPrefix, readDrift } from './kernel-migrations.ts';

t.test('the checked-in migrations end where the entities are', async (test) => {
  const database = await openDatabase({ url: await emptyDatabaseUrl(test), dataDir: '', masterKey: testMasterKey, log: quietLog });
  test.teardown(() => database.close());
  const orm = await openMigrationOrm({ url: database.bootUrl, prefix: database.prefix, log: quietLog });
  test.teardown(() => orm.close(true));
  test.equal((await readDrift(orm)).trim(), '', 'run: npm run db:migration -- <name>');
  test.same(await orm.migrator.getPending(), []);
  const [ran] = await database.boot((query) => query('select count(*)::int as n from kernel.migrations'));
  test.equal(ran?.['n'], (await orm.migrator.getExecuted()).length);
});

t.test('every kernel table is behind the wall, with this deployment\'s roles', async (test) => {
  const database = await testDatabase(test);
  // which deployment this is, what has run, and counters: nothing of any tenant
  const open = await database.boot((query) =>
    query(`select relname from pg_class where relnamespace = 'kernel'::regnamespace and relkind = 'r' and not (relrowsecurity and relforcerowsecurity) and relname not in ('deployment', 'migrations', 'signals')`),
  );
  test.same(open, []);
  const roles = await database.boot((query) => query(`select distinct unnest(roles)::text as role from pg_policies where schemaname = 'kernel' order by 1`));
  test.same(roles, [{ role: `${database.prefix}_app` }, { role: `${database.prefix}_system` }]);
  test.same(await database.boot((query) => query(`select 1 from pg_policies where roles::text like $1`, [`%${placeholderPrefix}_app%`])), []);
  const unled = await database.boot((query) =>
    query(`select c.relname from pg_class c join pg_policies p on p.schemaname = 'kernel' and p.tablename = c.relname and p.policyname = 'tenant_wall'
      where c.relnamespace = 'kernel'::regnamespace and p.qual not like '%tenant_id%'`),
  );
  test.same(unled, []);
});

t.test('neither the deployment row nor the migrations are readable by the serving login', async (test) => {
  const database = await testDatabase(test);
  for (const table of ['kernel.deployment', 'kernel.migrations']) {
    await test.rejects(database.system((em) => em.execute(`insert into ${table} default values`)), /permission denied/, table);
  }
  await test.rejects(database.system((em) => em.execute('select * from kernel.deployment')), /permission denied/);
});

import { type Json, Type } from '@proofpix/sdk';
import t from 'tap';
import type { Scope } from '../../kernel/database/index.ts';
import { testDatabase } from '../support/database.ts';
import { testManifest } from '../support/manifest.ts';

/**
 * A plugin's own SQL against the wall between tenants, plugins and the kernel: everything that is known to get through
 * where only settings and roles protect, and everything that talks to the server about itself.
 */
const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 3_000 };
const b: Scope = { tenantId: '01900000-0000-7000-8000-00000000000b', timeoutMs: 3_000 };

const collections = { notes: { schema: Type.Object({ title: Type.String(), body: Type.Optional(Type.String()) }) as never, unique: [['title']] } };
const mine = testManifest({ id: 'attacker', collections });
const theirs = testManifest({ id: 'victim', collections: { secrets: { schema: Type.Object({ value: Type.String() }) as never } } });

const database = await testDatabase(t);
await database.plugins.provision(mine);
await database.plugins.provision(theirs);
const store = database.plugins.open(mine);
await store.run(a, { op: 'insert', collection: 'notes', args: [{ title: 'of a' }] });
await store.run(b, { op: 'insert', collection: 'notes', args: [{ title: 'of b', body: 'private' }] });
await database.plugins.open(theirs).run(b, { op: 'insert', collection: 'secrets', args: [{ value: 'private' }] });

const app = `${database.prefix}_app`;
const system = `${database.prefix}_system`;
const victim = `${database.prefix}_p_victim`;

const attacks: Record<string, string[]> = {
  'settings by function': [
    `with s as materialized (select set_config('app.tenant', '${b.tenantId}', true)) select n.* from s, notes n`,
    `with s as materialized (select set_config('role', '${system}', true)) select n.* from s, notes n`,
    `with s as materialized (select set_config('role', '${victim}', true)) select * from s`,
    `select pg_catalog.set_config('app.tenant', '${b.tenantId}', true)`,
    `select "set_config"('app.tenant', '${b.tenantId}', true)`,
    `select * from notes where set_config('app.tenant', '${b.tenantId}', true) is not null`,
    `select * from set_config('app.tenant', '${b.tenantId}', true), notes`,
    `select title from notes order by set_config('app.tenant', '${b.tenantId}', true)`,
    `select count(*) filter (where set_config('app.tenant', '${b.tenantId}', true) <> '') from notes`,
    `insert into notes (title) values (set_config('app.tenant', '${b.tenantId}', true))`,
    `insert into notes (title) values ('x') returning set_config('app.tenant', '${b.tenantId}', true)`,
    `update notes set title = set_config('app.tenant', '${b.tenantId}', true)`,
    `select case when true then set_config('app.tenant', '${b.tenantId}', true) end`,
    `select coalesce(null, set_config('app.tenant', '${b.tenantId}', true))`,
    `select title from notes limit set_config('statement_timeout', '0', true)::int`,
    `select current_setting('app.tenant')`,
    `select row_number() over (order by set_config('role', 'none', true)) from notes`,
    `select 1 from notes group by set_config('role', 'none', true)`,
    `select array[set_config('role', 'none', true)]`,
    `select (array[1])[length(set_config('role', 'none', true))]`,
    `select (set_config('role', 'none', true)).x`,
    `select 1 where 'a' in (select set_config('role', 'none', true))`,
    `values (set_config('role', 'none', true))`,
  ],
  'settings by statement': [
    `set role ${system}`,
    `set local role ${app}`,
    'reset role',
    'reset all',
    'reset session authorization',
    `set session authorization ${app}`,
    `set app.tenant = '${b.tenantId}'`,
    `set local app.tenant to '${b.tenantId}'`,
    'discard all',
    'show all',
    `set transaction isolation level serializable`,
  ],
  'several statements': [
    'select 1; select 2',
    `select 1; reset role`,
    `; reset role`,
    'commit; reset role; begin',
    'rollback',
    'savepoint x',
    'select 1 -- x\n; reset role',
    'select 1 /* ; */ ; reset role',
    `select '\\'; reset role; --'`,
  ],
  'code and definitions': [
    `do $$ begin perform set_config('app.tenant', '${b.tenantId}', true); end $$`,
    'create function f() returns int language sql as $$ select 1 $$',
    'create table t (id int)',
    'create temporary table t (id int)',
    'create temporary view v as select 1',
    'create table t as select * from notes',
    'select * into t from notes',
    `alter table notes alter column title set default set_config('app.tenant', '${b.tenantId}', true)`,
    'alter table notes disable row level security',
    'alter table notes no force row level security',
    'create policy p on notes using (true)',
    'drop policy tenant_wall on notes',
    'drop table notes',
    'truncate notes',
    'create index on notes (title)',
    'grant select on notes to public',
    'prepare p as select 1',
    'execute p',
    'declare c cursor for select * from notes',
    'call f()',
    'explain analyze select * from notes',
    'explain (analyze, verbose) update notes set title = title',
    'vacuum notes',
    'analyze notes',
    'cluster notes',
    'refresh materialized view v',
    'comment on table notes is $$x$$',
    'merge into notes using notes n on true when matched then delete',
    'lock table notes in access exclusive mode',
  ],
  'casts and types': [
    `select 'pg_class'::regclass`,
    `select 'kernel.plugin_migrations'::regclass::oid`,
    `select regclass 'kernel.plugin_migrations'`,
    `select cast('set_config' as regproc)`,
    `select '${system}'::regrole`,
    `select 'kernel'::regnamespace`,
    `select 'public.x'::public.citext`,
    `select 'x'::plugin_victim.secrets`,
    `select null::notes`,
    `select '<a/>'::xml`,
    `select xmlelement(name a)`,
    `select 1::oid`,
    `select '1'::pg_lsn`,
  ],
  'catalogues and statistics': [
    'select * from pg_class',
    'select * from pg_catalog.pg_class',
    'select * from information_schema.tables',
    'select * from pg_stats',
    'select * from pg_statistic',
    'select * from pg_stat_activity',
    'select * from pg_stat_user_tables',
    'select * from pg_roles',
    'select * from pg_authid',
    'select * from pg_settings',
    'select * from pg_locks',
    'select * from pg_policies',
    'select * from pg_prepared_statements',
    'table pg_class',
    'select 1 from (table pg_stats) x',
    'select * from notes n join pg_class c on true',
    'select (select count(*) from pg_class)',
    'select * from pg_class where exists (with pg_class as (select 1) select 1 from pg_class)',
    'select * from "pg_class", (with "pg_class" as (select 1) select 1) x',
    'update pg_settings set setting = 1',
    'delete from pg_class',
    'insert into pg_class select * from pg_class',
    'select * from only pg_class',
    'with notes as (select 1) delete from pg_class',
  ],
  'about the session and the server': [
    'select current_user',
    'select session_user',
    'select user',
    'select current_role',
    'select current_schema',
    'select current_catalog',
    'select version()',
    'select inet_server_addr()',
    'select txid_current()',
    'select pg_current_xact_id()',
    'select pg_backend_pid()',
    'select pg_postmaster_start_time()',
    `select has_table_privilege('kernel.plugin_migrations', 'select')`,
    `select pg_get_viewdef('pg_stats')`,
    `select obj_description(1)`,
    `select nextval('x')`,
    'select lastval()',
    'select xmin from notes',
    'select notes.ctid from notes',
    'select tableoid from notes',
    'select n.xmax from notes n',
    `select pg_column_size(title) from notes`,
    'select notes.pg_typeof from notes',
  ],
  'other tables': [
    'select * from secrets',
    'select * from plugin_victim.secrets',
    'select * from "plugin_victim"."secrets"',
    'select * from plugin_attacker.notes',
    'select * from kernel.plugin_migrations',
    'select * from kernel.deployment',
    'select * from public.anything',
    'select plugin_victim.secrets.value from notes',
    'insert into plugin_victim.secrets (value) values (1)',
    'insert into notes (title) select value from plugin_victim.secrets',
    'update plugin_victim.secrets set value = 1',
    'delete from notes using plugin_victim.secrets',
    'delete from kernel.plugin_migrations',
    'select * from proofpix.kernel.deployment',
    'with x as (insert into plugin_victim.secrets (value) values (1) returning *) select * from x',
    'with x as (delete from notes returning *) select * from x',
    'select * from notes for update of secrets',
  ],
  'files, programs, networks': [
    `copy notes to '/tmp/x'`,
    `copy notes from program 'id'`,
    'copy notes to stdout',
    'copy (select 1) to stdout',
    `select pg_read_file('/etc/passwd')`,
    `select pg_ls_dir('/')`,
    `select lo_import('/etc/passwd')`,
    `select lo_create(0)`,
    `select lo_get(1)`,
    `select loread(1, 1)`,
    `select dblink('host=127.0.0.1', 'select 1')`,
    `select query_to_xml('select * from notes', true, true, '')`,
    `select table_to_xml('notes', true, true, '')`,
    `select cursor_to_xml('c', 1, true, true, '')`,
    `select database_to_xml(true, true, '')`,
    `select ts_stat('select 1')`,
    `load 'x'`,
    `create extension dblink`,
  ],
  'signals, locks, waiting': [
    'listen x',
    'unlisten *',
    `notify x, 'y'`,
    `select pg_notify('x', 'y')`,
    'select pg_advisory_lock(1)',
    'select pg_try_advisory_lock(1)',
    'select pg_advisory_xact_lock(7206150002)',
    'select pg_sleep(10)',
    `select pg_sleep_for('10s')`,
    'select pg_cancel_backend(1)',
    'select pg_terminate_backend(1)',
    'select pg_reload_conf()',
    'select clock_timestamp()',
  ],
  'output without input': [
    `select repeat('x', 1000000000)`,
    `select lpad('x', 1000000000)`,
    'select * from generate_series(1, 1000000000)',
    'with recursive r as (select 1 as n union all select n + 1 from r) select * from r',
    `select '(a+)+$' ~ title from notes`,
    `select title from notes where title similar to 'x'`,
    'select 10.0 ^ 100000',
    'select power(10.0, 100000)',
    'select regexp_replace(title, $$(a+)+$$, $$x$$) from notes',
  ],
  'operators and collations of others': [
    'select 1 operator(pg_catalog.+) 1',
    'select 1 operator(public.+) 1',
    'select title from notes order by title using <',
    'select title collate pg_catalog."C" from notes',
    'select * from notes tablesample system (10)',
    'select * from rows from (unnest(array[1]), unnest(array[2])) x',
    'select grouping_x(1)',
    'select (notes).title from notes',
    'select notes.row_to_json from notes',
    `select json_object('a': 1)`,
    `select * from json_table('[]', '$' columns (a int path '$'))`,
    'update notes set (title, body) = (select 1, 2)',
    'insert into notes overriding system value values (1)',
    'update notes set title = 1 where current of c',
    'select title from notes fetch first 1 rows with ties for share of secrets',
  ],
};

for (const [family, statements] of Object.entries(attacks)) {
  t.test(family, async (test) => {
    for (const text of statements) {
      await test.rejects(store.sql(a, [text], []), { code: 'VALIDATION_ERROR', details: { field: 'sql' } }, text);
      const tx = await store.begin(a);
      await test.rejects(tx.sql([text], []), { code: 'VALIDATION_ERROR' }, `in a transaction: ${text}`);
      test.same(await tx.sql(['select title from notes'], []), [{ title: 'of a' }]);
      await tx.rollback();
    }
  });
}

t.test('the text cannot leave through the template', async (test) => {
  for (const strings of [['select $', '; reset role'], [`select '`, `'; reset role; --'`], ['select $$', '$$ ; reset role'], [`select E'\\`, `'; reset role --'`]]) {
    await test.rejects(store.sql(a, strings, ['x']), { code: 'VALIDATION_ERROR' }, strings.join('${…}'));
  }
  test.same(await store.sql(a, ['select ', '::text as v'], [`'; reset role; --`]), [{ v: `'; reset role; --` }]);
});

t.test('rows of another tenant are neither seen nor written', async (test) => {
  const own = await database.system((em) => em.execute(`select id from plugin_attacker.notes where tenant_id = ?`, [b.tenantId]));
  const id = (own[0] as { id: string }).id;
  test.same(await store.sql(a, ['select * from notes where id = ', '::uuid or true or tenant_id = ', '::uuid'], [id, b.tenantId]).then((rows) => rows.map((row) => (row as { title: string }).title)), ['of a']);
  test.same(await store.sql(a, ['update notes set body = ', ' where id = ', '::uuid returning id'], ['taken', id]), []);
  test.same(await store.sql(a, ['delete from notes where tenant_id = ', '::uuid returning id'], [b.tenantId]), []);
  await test.rejects(store.sql(a, ['insert into notes (tenant_id, title) values (', '::uuid, ', ')'], [b.tenantId, 'planted']), { code: 'FORBIDDEN' });
  await test.rejects(store.sql(a, ['update notes set tenant_id = ', '::uuid'], [b.tenantId]), { code: 'FORBIDDEN' });
  test.equal(await store.run(a, { op: 'get', collection: 'notes', args: [id] }), null);
  test.equal(await store.run(a, { op: 'delete', collection: 'notes', args: [id] }), false);
});

t.test('constraints are no oracle about other tenants', async (test) => {
  // the same unique value and the same id exist for b: a must not be able to tell
  const [row] = await database.system((em) => em.execute(`select id from plugin_attacker.notes where tenant_id = ?`, [b.tenantId]));
  const same = { id: (row as { id: string }).id, title: 'of b' };
  test.match(await store.run(a, { op: 'insert', collection: 'notes', args: [same] }), same);
  test.match(await store.sql(a, ['insert into notes (title) values (', ') on conflict do nothing returning title'], ['of b ']), [{ title: 'of b ' }]);
  await store.sql(a, ['delete from notes where title like ', ''], ['of b%']);
  const error = (await store.sql(a, ['insert into notes (title) values (', ')'], ['of a']).catch((caught: unknown) => caught)) as { code: string; message: string; details: Json };
  test.match(error, { code: 'CONFLICT', details: { fields: ['title'] } });
  test.notMatch(JSON.stringify([error.message, error.details]), /plugin_|px_|_uq|tenant/);
});

t.test('errors of a filter are raised for own rows only', async (test) => {
  // the division fails on b's row, if it ever gets there
  await store.run(b, { op: 'insert', collection: 'notes', args: [{ title: '0' }] });
  test.same(await store.sql(a, [`select title from notes where title = 'of a' or 1 / length(replace(title, '0', '')) > 5`], []), [{ title: 'of a' }]);
});

t.test('nothing of all this changed anything', async (test) => {
  test.match(await database.system((em) => em.execute('select tenant_id, title, body from plugin_attacker.notes order by tenant_id, title')), [
    { tenant_id: a.tenantId, title: 'of a', body: null },
    { tenant_id: b.tenantId, title: '0' },
    { tenant_id: b.tenantId, title: 'of b', body: 'private' },
  ]);
  test.match(await database.system((em) => em.execute('select value from plugin_victim.secrets')), [{ value: 'private' }]);
  test.same(await store.sql(a, ['select title from notes'], []), [{ title: 'of a' }]);
});

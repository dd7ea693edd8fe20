import { type Json, type Manifest, Type } from '@proofpix/sdk';
import t from 'tap';
import { textMatch } from '../../../sdk/testing/store/text-search.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { testManifest } from '../../../test/support/manifest.ts';
import { roleNames } from '../role-names.ts';
import type { CollectionOp, Scope } from '../index.ts';
import { collectionTables } from './collection-table.ts';

const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 10_000 };
const b: Scope = { tenantId: '01900000-0000-7000-8000-00000000000b', timeoutMs: 10_000 };

const manifestOf = (version: string, search?: string[]): Manifest =>
  testManifest({
    id: 'archive',
    version,
    collections: { papers: { schema: Type.Object({ name: Type.String(), body: Type.Optional(Type.String()), pages: Type.Integer({ default: 1 }) }) as never, ...(search ? { search } : {}) } },
  });
const before = manifestOf('1.0.0');
const manifest = manifestOf('2.0.0', ['name', 'body']);

const database = await testDatabase(t);
const names = roleNames(database.prefix);
await database.plugins.provision(before);
const run = (name: CollectionOp['op'], args: Json[], scope = a): Promise<Json> => database.plugins.open(manifest).run(scope, { op: name, collection: 'papers', args });
const find = async (where: Json, scope = a): Promise<string> => ((await run('find', [{ where }], scope)) as { items: { name: string }[] }).items.map((item) => item.name).join();
const { plugins } = database;
await plugins.open(before).run(a, { op: 'insert', collection: 'papers', args: [{ name: 'old', body: 'Written before there was a search' }] });
const expanded = await plugins.provision(manifest);

t.test('an expansion adds indexes over what is there, and the comparison finds nothing more', async (test) => {
  test.equal(expanded.statements.filter((statement) => statement.startsWith('create index')).length, 2);
  test.same(expanded.deferred, []);
  test.equal(await find({ body: { $search: 'written SEARCH' } }), 'old');
  test.same(await plugins.provision(manifest, { allowContract: true }), { statements: [], deferred: [] });
});

t.test('what cannot be searched is refused', async (test) => {
  const refused: [Json, string][] = [
    [{ pages: { $search: 'x' } }, 'pages'],
    [{ id: { $search: 'x' } }, 'id'],
    [{ name: { $search: 7 } }, 'name'],
    [{ name: { $search: null } }, 'name'],
    [{ name: { $search: 'x'.repeat(1001) } }, 'name'],
    [{ name: { $search: 'a\u0000b' } }, 'name'],
  ];
  for (const [where, field] of refused) await test.rejects(run('find', [{ where }]), { code: 'VALIDATION_ERROR', details: { field } }, JSON.stringify(where).slice(0, 60));
  await test.rejects(plugins.open(before).run(a, { op: 'count', collection: 'papers', args: [{ name: { $search: 'old' } }] }), { code: 'VALIDATION_ERROR', details: { field: 'name' } });
  for (const search of [['pages'], ['nothing'], ['id']]) test.throws(() => collectionTables(manifestOf('3.0.0', search)), { code: 'VALIDATION_ERROR' });
});

t.test('words, phrases, alternatives and exclusions, as the harness has them', async (test) => {
  const bodies: Record<string, string> = { one: 'The quick brown fox; Größe 42.', two: 'A brown quick dog, invoice #2026-11.', three: 'Rechnung über ÄPFEL', four: '' };
  await run('insertMany', [Object.entries(bodies).map(([name, body]) => ({ name, body }))]);
  await run('insert', [{ name: 'none' }]);
  const cases: [string, string][] = [
    ['quick', 'one,two'],
    ['QUICK fox', 'one'],
    ['"quick brown"', 'one'],
    ['"brown quick"', 'two'],
    ['quick -dog', 'one'],
    ['fox or rechnung', 'one,three'],
    ['fox or brown dog', 'one,two'],
    ['größe', 'one'],
    ['äpfel', 'three'],
    ['fox -"brown quick"', 'one'],
    ['', ''],
    ['"', ''],
    ['nowhere', ''],
    ["'; drop table papers", ''],
  ];
  const only = (where: Json): Promise<string> => find({ $and: [where, { name: { $in: Object.keys(bodies) } }] });
  for (const [query, found] of cases) {
    test.equal(await only({ body: { $search: query } }), found, query);
    const inMemory = Object.entries(bodies).filter(([, body]) => textMatch(query)(body)).map(([name]) => name);
    test.equal(inMemory.join(), found, `${query}, in the harness`);
  }
  test.equal(await only({ $not: { body: { $search: 'quick' } } }), 'three,four');
  test.equal(await only({ $or: [{ body: { $search: 'fox' } }, { name: 'four' }] }), 'one,four');
  test.equal(await only({ body: { $search: 'quick' }, name: { $search: 'two' } }), 'two');
  test.equal(await run('count', [{ body: { $search: 'brown' } }]), 2);
  test.equal(await run('update', [{ body: { $search: 'fox' } }, { pages: 9 }]), 1);
  test.equal(await run('delete', [{ body: { $search: 'fox' } }]), 1);
});

t.test('another tenant finds nothing, and the function alone tells nothing more', async (test) => {
  await run('insert', [{ name: 'mine', body: 'secretword' }]);
  test.equal(await find({ body: { $search: 'secretword' } }, b), '');
  test.equal(await find({ body: { $search: 'secretword' } }), 'mine');
  const functions = await database.boot((query) =>
    query(`select p.proname, p.prosecdef, r.rolname as owner, p.proacl::text as acl from pg_proc p join pg_roles r on r.oid = p.proowner join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'plugin_archive'`),
  );
  test.equal(functions.length, 2);
  for (const { owner, acl } of functions) {
    test.equal(owner, names.system);
    test.notMatch(acl, /[{,]=X/, 'public may not call it');
  }
  test.same(await database.boot((query) => query(`select has_schema_privilege($1, 'plugin_archive', 'create') as may`, [names.system])), [{ may: false }]);
});

t.test('the index serves the search', async (test) => {
  const [body] = collectionTables(manifest)[0]?.searches.filter((search) => search.field === 'body') ?? [];
  const plan = await database.system(async (em) => {
    await em.execute(`set local app.tenant = '${a.tenantId}'`);
    await em.execute('set local enable_seqscan = off');
    const [row] = await em.execute<{ prosrc: string }[]>(`select prosrc from pg_proc where proname = ?`, [body?.name]);
    return JSON.stringify(await em.execute(`explain ${(row?.prosrc ?? '').replace(/query\)$/, `'brown')`)}`));
  });
  test.match(plan, new RegExp(`Bitmap Index Scan on ${body?.name}`));
  test.match(plan, /Index Cond: .*tenant_id.* AND .*to_tsvector/, 'the tenant is part of what is looked up');
});

t.test('no text is too much for its index', async (test) => {
  const letters = Array.from({ length: 40_000 }, (_, at) => String.fromCodePoint(0x2_0000 + at));
  // the worst per character: every part distinct, each also within a compound; and paths, which are indexed whole and in parts
  const compounds = Array.from({ length: 250 }, (_, at) => letters.slice(at * 260, at * 260 + 260).join('-')).join(' ');
  const hosts = Array.from({ length: 40_000 }, (_, at) => `${at.toString(36)}.de/${at.toString(36)}`).join(' ');
  for (const [name, text] of Object.entries({ compounds, hosts, words: `${letters.join(' ')} ${letters.join(' ')}`, long: 'x'.repeat(1_000_000) })) {
    const room = [...text].slice(0, 131_072).join('');
    await run('insert', [{ name, body: room }]);
    test.equal(await run('count', [{ name: { $search: name } }]), 1, name);
  }
  await run('insert', [{ name: 'tail', body: `early ${'word '.repeat(30_000)} late` }]);
  test.equal(await find({ body: { $search: 'early' } }), 'tail');
  test.equal(await find({ body: { $search: 'late' } }), '', 'beyond the first 131,072 characters nothing is found');
});

t.test('an index goes when nobody needs it, and comes back with its version', async (test) => {
  const without = manifestOf('3.0.0', ['name']);
  const { statements, deferred } = await plugins.provision(without);
  test.same(statements, []);
  test.match(deferred, [/drop search index papers_.*_ft of papers: waits/]);
  test.equal(await find({ body: { $search: 'secretword' } }), 'mine', 'the older version still searches');
  await plugins.provision(without, { allowContract: true });
  test.same(await database.boot((query) => query(`select count(*)::int as n from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'plugin_archive'`)), [{ n: 1 }]);
  await plugins.provision(manifest);
  test.equal(await find({ body: { $search: 'secretword' } }), 'mine');
  await plugins.drop('archive');
  test.same(await database.boot((query) => query(`select 1 from pg_namespace where nspname = 'plugin_archive'`)), []);
});

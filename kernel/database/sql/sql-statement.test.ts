import { type Json, Type } from '@proofpix/sdk';
import t from 'tap';
import { testDatabase } from '../../../test/support/database.ts';
import { testManifest } from '../../../test/support/manifest.ts';
import type { Scope } from '../index.ts';

const a: Scope = { tenantId: '01900000-0000-7000-8000-00000000000a', timeoutMs: 5_000 };
const b: Scope = { tenantId: '01900000-0000-7000-8000-00000000000b', timeoutMs: 5_000 };
const manifest = testManifest({
  id: 'sqltest',
  collections: {
    notes: { schema: Type.Object({ title: Type.String(), stars: Type.Integer({ default: 0 }), meta: Type.Optional(Type.Object({}, { additionalProperties: true })), dueAt: Type.Optional(Type.String({ format: 'date-time' })) }) as never, unique: [['title']] },
    noteTags: { schema: Type.Object({ noteId: Type.String({ format: 'uuid' }), tag: Type.String() }) as never },
  },
});
const database = await testDatabase(t);
await database.plugins.provision(manifest);
const store = database.plugins.open(manifest);
const sql = (strings: TemplateStringsArray, ...values: Json[]): Promise<Json[]> => store.sql(a, [...strings], values);

t.test('what cannot be a template of one bounded statement is refused', async (test) => {
  const cases: [string, string[], Json[]][] = [
    ['too few values', ['select ', ''], []],
    ['a placeholder without a value', ['select $1::text'], []],
    ['NUL', ['select 1 \0 from notes'], []],
    ['too long', [`select ${'1+'.repeat(6_000)}1`], []],
    ['too deep', [`select ${'('.repeat(500)}1${')'.repeat(500)}`], []],
    ['syntax error', ['selec 1'], []],
    ['nothing', [''], []],
    ['long chain', [`select ${'not '.repeat(2_400)}true`], []],
  ];
  for (const [name, strings, values] of cases) await test.rejects(store.sql(a, strings, values), { code: 'VALIDATION_ERROR', details: { field: 'sql' } }, name);
  test.same(await sql`select 1 as one`, [{ one: 1 }], 'and the parser has survived');
});

t.test('wrong names and values are explained without names of the host', async (test) => {
  await test.rejects(sql`select nope from notes`, { code: 'VALIDATION_ERROR', message: /column "nope" does not exist/ });
  await test.rejects(sql`select * from notes where stars = ${'many'}`, { code: 'VALIDATION_ERROR' });
  await test.rejects(sql`select 1 / 0`, { code: 'VALIDATION_ERROR' });
});

t.test('results are bounded in rows and bytes, and the connection stays good', async (test) => {
  await store.run(a, { op: 'insertMany', collection: 'notes', args: [Array.from({ length: 1_000 }, (_, at) => ({ title: `n${at}`, meta: { filler: 'x'.repeat(50) } }))] });
  test.equal((await sql`select title from notes`).length, 1_000);
  await test.rejects(sql`select a.title from notes a, notes b`, { code: 'PAYLOAD_TOO_LARGE' });
  await test.rejects(sql`select json_agg(a.title) from notes a, notes b`, { code: 'PAYLOAD_TOO_LARGE' });
  test.same(await sql`select count(*) as n from notes`, [{ n: 1_000 }]);
  await sql`delete from notes`;
});

t.test('a statement that runs on meets its timeout', async (test) => {
  await store.run(a, { op: 'insertMany', collection: 'notes', args: [Array.from({ length: 1_000 }, (_, at) => ({ title: `n${at}` }))] });
  const startedMs = Date.now();
  await test.rejects(store.sql({ ...a, timeoutMs: 200 }, ['select count(*) from notes a, notes b, notes c'], []), { code: 'DEADLINE_EXCEEDED' });
  test.ok(Date.now() - startedMs < 2_000);
  await sql`delete from notes`;
});

t.test('the four statements work on the own collections', async (test) => {
  const [note] = (await sql`insert into notes (title, stars, meta, due_at) values (${'First'}, ${3}, ${{ k: [1] }}, ${'2026-11-22T10:00:00Z'}) returning *`) as Record<string, Json>[];
  test.match(note, { title: 'First', stars: 3, meta: { k: [1] }, due_at: '2026-11-22T10:00:00.000Z', tenant_id: a.tenantId });
  const id = note?.['id'] as string;
  await sql`insert into note_tags (note_id, tag) values (${id}, ${'x'}), (${id}, ${'y'})`;
  await sql`insert into notes (title) values (${'First'}) on conflict (tenant_id, title) do update set stars = notes.stars + 1`;
  test.same(
    await sql`with tagged as (select n.id, n.title, count(*) as tags, array_agg(t.tag order by t.tag) as names from notes n left join note_tags t on t.note_id = n.id where n.title like ${'F%'} group by n.id, n.title)
      select title, tags, names, case when tags > 1 then 'many' else coalesce(null, 'few') end as how, round(avg(tags) over (), 1) as mean from tagged where tags between 1 and ${5} order by 1 desc nulls last limit 10`,
    [{ title: 'First', tags: 2, names: ['x', 'y'], how: 'many', mean: 2 }],
  );
  test.same(await sql`select meta->'k'->>0 as k, meta @> ${{ k: [1] }} as has, stars::text as s, date_trunc('day', due_at) as day, due_at + interval '1 day' as next from notes where id = any(${[id]}::uuid[])`, [
    { k: '1', has: true, s: '4', day: '2026-11-22T00:00:00.000Z', next: '2026-11-23T10:00:00.000Z' },
  ]);
  test.same(await sql`select distinct tag from note_tags where exists (select 1 from notes where notes.id = note_id) union select 'z' order by tag`, [{ tag: 'x' }, { tag: 'y' }, { tag: 'z' }]);
  test.same(await sql`select e.value from notes, jsonb_array_elements(meta->'k') with ordinality as e(value, at)`, [{ value: 1 }]);
  test.same(await sql`update notes set stars = 10, meta = ${[1, 2]}::jsonb from note_tags t where t.note_id = notes.id and t.tag = 'x' returning stars, meta`, [{ stars: 10, meta: [1, 2] }]);
  test.same(await store.sql(b, ['select * from notes'], []), []);
  test.same(await store.sql(b, ['delete from notes returning id'], []), []);
  test.equal((await sql`delete from note_tags using notes where notes.id = note_id returning tag`).length, 2);
  await sql`delete from notes`;
});

t.test('in a transaction it sees what came before, and locks', async (test) => {
  const tx = await store.begin(a);
  await tx.run({ op: 'insert', collection: 'notes', args: [{ title: 'inside' }] });
  test.same(await tx.sql(['select title from notes for update'], []), [{ title: 'inside' }]);
  await test.rejects(tx.sql(['select set_config(', ', ', ', true)'], ['app.tenant', b.tenantId]), { code: 'VALIDATION_ERROR' });
  test.same(await tx.host((em) => em.execute('select current_schema() as s')), [{ s: 'public' }], 'host work does not see the plugin\'s search path');
  test.same(await tx.sql(['update notes set stars = stars + 1 returning stars'], []), [{ stars: 1 }]);
  await tx.rollback();
  test.same(await sql`select 1 from notes`, []);
});

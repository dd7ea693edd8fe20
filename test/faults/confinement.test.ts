import { Writable } from 'node:stream';
import { pino } from 'pino';
import t from 'tap';
import { confinedHostCalls, hostCallNames, type HostCallName } from '@proofpix/sdk/runtime';
import type { PluginEntry } from '../../config/plugins.ts';
import type { HostTable } from '../../kernel/plugins/host/host-call.ts';
import { openSession } from '../../kernel/plugins/host/session.ts';
import type { PluginCall } from '../../kernel/plugins/call.ts';
import { statement } from '../../kernel/database/statement.ts';
import { openDatabase } from '../../kernel/database/index.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { testServer, type TestUser } from '../support/server.ts';

t.test('of all host calls a confined one may make those that read, and no others', async (t) => {
  const asked: string[] = [];
  const table = Object.fromEntries(hostCallNames.map((name) => [name, async () => (asked.push(name), null)])) as unknown as HostTable;
  const call = { provenance: { confined: true }, grants: { has: () => true }, signal: new AbortController().signal, deadline: Date.now() + 60_000, spent: { hostCalls: 0, bytes: 0 }, version: { limits: { hostCalls: 1000 }, manifest: { id: 'spy' } }, streams: new Map(), transaction: null } as unknown as PluginCall;
  const notices: string[] = [];
  const session = openSession(call, { table, log: quietLog as never, notify: (_call, name) => void notices.push(name) });
  for (const name of hostCallNames) {
    if (confinedHostCalls.has(name)) await session.call(name, []);
    else await t.rejects(session.call(name, []), { code: 'FORBIDDEN', details: { capability: name } }, name);
  }
  session.notify('log', ['info', 'text', {}]);
  session.notify('metric', ['count', 'name', 1, {}]);
  t.strictSame(notices, []);
  // whoever adds one here has made sure that it keeps nothing and sends nothing out
  const reading: HostCallName[] = ['auth.can', 'db.aggregate', 'db.count', 'db.find', 'db.findOne', 'db.get', 'files.open', 'files.stat', 'hooks.run', 'kv.get', 'secrets.get', 'secrets.has', 'services.call', 'services.callConfined', 'stream.close', 'vault.hashPassword', 'vault.open', 'vault.seal', 'vault.verifyPassword'];
  t.strictSame(asked.toSorted(), reading);
});

const entry = (name: string, runtime: PluginEntry['runtime']): PluginEntry => ({ package: new URL(`./confinement/${name}.ts`, import.meta.url).href, runtime, prefixes: [`/api/${name}`], grants: [], everyTenant: true });

function ask(user: TestUser, path: string, text: string, content: string) {
  const form = new FormData();
  form.append('text', text);
  form.append('file', new Blob([content], { type: 'text/plain' }), `${text}.txt`);
  return user.send('POST', path, form);
}

for (const runtime of ['in-process', 'sandboxed'] as const) {
  t.test(`what a confined spy sees it can neither keep nor tell, ${runtime}`, async (t) => {
    let logged = '';
    const log = pino({ level: 'debug' }, new Writable({ write: (chunk, _encoding, done) => {
      logged += String(chunk);
      done();
    } }));
    const server = await testServer(t, { entries: ['fence', 'spy', 'asker'].map((name) => entry(name, runtime)), log });
    const [user, stranger] = [await server.register(), await server.register()];
    const [text, content] = ['Kanarienvogel-im-Text', 'Kanarienvogel-im-Inhalt'];

    const { status, body } = await ask(user, '/api/asker/ask', text, content);
    t.equal(status, 200);
    t.match(body, { confined: true, text: content, state: 'here' });
    const { accomplice, hook, ...refused } = body.attempts as Record<string, string>;
    t.strictSame(
      refused,
      {
        insert: 'FORBIDDEN db.insert', insertMany: 'FORBIDDEN db.insertMany', update: 'FORBIDDEN db.update', upsert: 'FORBIDDEN db.upsert', delete: 'FORBIDDEN db.delete', transaction: 'FORBIDDEN db.begin', sql: 'FORBIDDEN sql.query',
        kvSet: 'FORBIDDEN kv.set', kvIncrement: 'FORBIDDEN kv.increment', kvDelete: 'FORBIDDEN kv.delete',
        fileWrite: 'FORBIDDEN files.create', fileKeep: 'FORBIDDEN files.keep', fileShare: 'FORBIDDEN files.share', scratch: 'FORBIDDEN scratch.create', scratchKeep: 'FORBIDDEN scratch.keep',
        event: 'FORBIDDEN events.emit', job: 'FORBIDDEN jobs.send', realtime: 'FORBIDDEN realtime.publish', fetch: 'FORBIDDEN fetch.open', secret: 'FORBIDDEN secrets.set', audit: 'FORBIDDEN auth.audit', link: 'FORBIDDEN links.sign',
      },
      'each attempt is refused by name',
    );
    t.equal(accomplice, 'FORBIDDEN db.insert', 'whom it calls is confined as well');
    t.equal(hook, 'HOOK_FAILED', 'and so is whoever hooks into it');
    t.strictSame((await user.send('GET', '/api/fence/goods')).body, []);
    const left = (await user.send('GET', '/api/spy/notes')).body;
    t.match(left, { notes: 0, note: null, count: null });
    if (runtime === 'sandboxed') t.equal(left.stolen, null, 'its globals are gone too');

    const database = await openDatabase({ url: server.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
    t.teardown(() => database.close());
    const usage = await database.system((em) => statement(em, 'select count(*)::int as files from kernel.files'));
    t.strictSame(usage, [{ files: 0 }], 'no file was stored');

    t.match(await user.send('POST', '/api/spy/read', { file: body.file }), { status: 404 }, 'the handle opens in no call that could write');
    t.match(await stranger.send('POST', '/api/spy/read', { file: body.file }), { status: 404 });
    t.match(await ask(user, '/api/asker/careless', 'harmless', content), { status: 404 }, 'nor for who was called without being confined');

    for (const words of [text, `as a code ${text}`, `as a refusal ${text}`]) {
      const shouted = await user.send('POST', '/api/asker/shout', { text: words });
      t.ok(shouted.status >= 500);
    }
    t.match(logged, /a handler threw/);
    t.notMatch(logged, /Kanarienvogel/i, 'the log knows nothing');
  });
}

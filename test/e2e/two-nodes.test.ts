import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { entries } from '../faults/crash/entries.ts';
import { startServer } from '../faults/crash/server-process.ts';
import { testDatabaseUrl, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { send, testServer } from '../support/server.ts';
import { enter } from '../support/sockets.ts';
import { notes, offerNotes } from './fixtures/packages.ts';

/** Two servers on one database: what happens at A is soon true at B, also when A dies. */

const operator = { email: 'operator@example.com', password: `Violet-Kettle-${crypto.randomUUID().slice(0, 8)}` };
const databaseUrl = await testDatabaseUrl(t);
const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-nodes-'));
t.teardown(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
const env = { OPERATOR_EMAIL: operator.email, OPERATOR_PASSWORD: operator.password, BCRYPT_COST: '4', RATE_LIMIT_PER_MINUTE: '1000000' };
const nodeA = startServer({ ...env, DATABASE_URL: databaseUrl, MASTER_KEY: testMasterKey.toString('hex'), DATA_DIR: dataDir, PORT: '0', SANDBOX_CHILDREN: '1' });
t.teardown(() => nodeA.kill());
const a = await nodeA.ready;
const nodeB = await testServer(t, { entries, databaseUrl, dataDir, env });
const b = nodeB.url;
const user = await nodeB.register();
const other = await nodeB.register();

/** B hears of a change within about a second; more only because machines that run tests are busy. */
const soonMs = 5000;
const on = (base: string, method: string, path: string, body?: unknown, token = user.accessToken) => send(base, method, path, body, { authorization: `Bearer ${token}` });
const atA = { ...user, send: (method: string, path: string, body?: unknown) => on(a, method, path, body) };
const ws = (base: string): string => `${base.replace('http', 'ws')}/ws`;

function formOf(text: string): FormData {
  const form = new FormData();
  form.append('file', new Blob([text], { type: 'text/plain' }), 'text.txt');
  form.append('options', JSON.stringify({ processImmediately: false }));
  return form;
}

t.test('a plugin installed, upgraded, disabled and removed at A is so at B', async (t) => {
  const becomes = (status: number, version?: string) =>
    until(async () => {
      const reply = await on(b, 'GET', '/api/x/notes/version');
      return reply.status === status && (version === undefined || reply.body.version === version);
    }, soonMs);
  t.match(await on(b, 'GET', '/api/x/notes/version'), { status: 404 });
  await offerNotes(atA);
  t.match(await on(a, 'POST', '/api/plugins/install', { pluginId: notes.id, version: '1.0.0', grants: notes.first.capabilities }), { status: 201 });
  await becomes(200, '1.0.0');
  t.match(await on(b, 'GET', '/api/x/notes/version', undefined, other.accessToken), { status: 404 }, 'for its own tenant only');
  t.match(await on(a, 'POST', '/api/plugins/install', { pluginId: notes.id, version: '1.1.0', grants: notes.second.capabilities }), { status: 201 });
  await becomes(200, '1.1.0');
  t.match(await on(a, 'PUT', '/api/plugins/notes/enable', { enabled: false }), { status: 200 });
  await becomes(404);
  t.match(await on(a, 'PUT', '/api/plugins/notes/enable', { enabled: true }), { status: 200 });
  await becomes(200, '1.1.0');
  t.match(await on(a, 'POST', '/api/plugins/notes/rollback'), { status: 200 });
  await becomes(200, '1.0.0');
  t.match(await on(a, 'DELETE', '/api/plugins/notes/uninstall?data=purge'), { status: 200 });
  await becomes(404);
});

t.test('a socket at B gets what happens at A, and only its own tenant’s', async (t) => {
  const mine = await enter(t, ws(b), user.accessToken);
  const foreign = await enter(t, ws(b), other.accessToken);
  const { status, body } = await on(a, 'POST', '/api/files/upload', formOf('text'));
  t.equal(status, 201);
  t.match(await mine.next('document:upload'), { data: { fileId: body.id } });
  t.match(await on(b, 'GET', `/api/files/${body.id}`), { status: 200 });
  const content = await fetch(`${b}/api/files/${body.id}/download`, { headers: { authorization: `Bearer ${user.accessToken}` } });
  t.equal(await content.text(), 'text', 'the content is there as well');
  // What came after it has arrived, so it would have too.
  t.match(await send(a, 'POST', '/api/files/upload', formOf('theirs'), { authorization: `Bearer ${other.accessToken}` }), { status: 201 });
  await foreign.next('document:upload');
  t.equal(foreign.of('document:upload').length, 1);
});

t.test('a logout at A ends the socket and the token at B', async (t) => {
  const login = (await send(b, 'POST', '/api/auth/login', { email: other.email, password: other.password })).body;
  t.match(await on(b, 'GET', '/api/auth/me', undefined, login.accessToken), { status: 200 });
  const socket = await enter(t, ws(b), login.accessToken);
  const kept = await enter(t, ws(b), user.accessToken);
  const out = await send(a, 'POST', '/api/auth/logout', { refreshToken: login.refreshToken }, { authorization: `Bearer ${login.accessToken}` });
  t.ok(out.status === 200 || out.status === 204, `logout answered ${out.status}`);
  t.match(await socket.end(), { reason: /revoked/ });
  await until(async () => (await on(b, 'GET', '/api/auth/me', undefined, login.accessToken)).status === 401, soonMs);
  t.equal(kept.closed, null, 'nobody else’s');
});

t.test('maintenance mode switched at A is in force at B, and its sockets are told', async (t) => {
  const { accessToken } = (await send(a, 'POST', '/api/auth/login', operator)).body;
  t.match(await on(a, 'POST', '/api/operations/maintenance', { on: true }), { status: 403 }, 'by operators only');
  const socket = await enter(t, ws(b), user.accessToken);
  t.match(await on(a, 'POST', '/api/operations/maintenance', { on: true }, accessToken), { status: 200 });
  t.match(await socket.next('system:maintenance'), { data: { on: true, message: 'Back soon.' } });
  await until(async () => (await on(b, 'GET', '/api/files/0199a000-0000-7000-8000-000000000001')).status === 503, soonMs);
  t.match(await on(b, 'GET', '/api/auth/me'), { status: 503, body: { error: 'UNAVAILABLE', message: 'Back soon.' } });
  t.match(await on(a, 'POST', '/api/operations/maintenance', { on: false }, accessToken), { status: 200 }, 'operators still get in');
  await until(async () => (await on(b, 'GET', '/api/auth/me')).status === 200, soonMs);
});

t.test('what A had taken on is done by B when A is killed', async (t) => {
  const keys = Array.from({ length: 30 }, (_, at) => `key ${at}`);
  const replies = await Promise.all(keys.map((key) => on(a, 'POST', '/api/ledger/both', { key })));
  await nodeA.kill();
  const acknowledged = keys.filter((_, at) => replies[at]?.status === 201);
  t.equal(acknowledged.length, keys.length);
  const wanted = acknowledged.flatMap((key) => [`event of ${key}`, `job of ${key}`]);
  let effects: string[] = [];
  // What A was running is claimed for 15 s.
  await until(async () => {
    effects = (await on(b, 'GET', '/api/ledger/books/effects')).body.items as string[];
    return wanted.every((key) => effects.includes(key));
  }, 45_000).catch(() => undefined);
  t.strictSame(wanted.filter((key) => !effects.includes(key)), []);
});

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { send, testServer, type TestReply } from '../support/server.ts';

/** Two servers on one database: a session lives where it was begun, and each says truly what it knows of it. */
const entries = plugins.filter((entry) => ['@proofpix/plugin-ephemeral', '@proofpix/plugin-parsers'].includes(entry.package));
const databaseUrl = await testDatabaseUrl(t);
const [dirA, dirB] = [await mkdtemp(join(tmpdir(), 'proofpix-ephemeral-')), await mkdtemp(join(tmpdir(), 'proofpix-ephemeral-'))];
t.teardown(() => Promise.all([dirA, dirB].map((dir) => rm(dir, { recursive: true, force: true }))));
const maxBytes = 200_000;
const env = { MAX_UPLOAD_BYTES: String(maxBytes) };
const a = await testServer(t, { entries, env, databaseUrl, dataDir: dirA });
const b = await testServer(t, { entries, env, databaseUrl, dataDir: dirB });
const [user, stranger] = [await a.register(), await a.register()];
const at = (base: string, method: string, path: string, body?: unknown, token = user.accessToken): Promise<TestReply> => send(base, method, path, body, { authorization: `Bearer ${token}` });

function letter(content: string | Uint8Array, steps = ['text']): FormData {
  const form = new FormData();
  form.append('file', new Blob([content as string], { type: 'text/plain' }), 'letter.txt');
  form.append('options', JSON.stringify({ steps, ocr: 'off' }));
  return form;
}

async function begin(content: string): Promise<string> {
  const { status, body } = await user.send('POST', '/api/ephemeral/process', letter(content));
  t.equal(status, 201);
  await until(async () => (await at(a.url, 'GET', `/api/ephemeral/${body.id}/status`)).body.status === 'completed');
  return body.id as string;
}

t.test('results are given where they are, and nowhere else', async (t) => {
  const id = await begin('Dear Ann');
  t.match(await at(a.url, 'GET', `/api/ephemeral/${id}/status`), { status: 200, body: { status: 'completed', results: { text: { pages: [{ text: 'Dear Ann' }] } } } });
  t.match(await at(b.url, 'GET', `/api/ephemeral/${id}/status`), { status: 503, body: { error: 'SESSION_ON_ANOTHER_NODE', details: { status: 'completed' }, retryAfter: 1 } });
  t.match((await at(b.url, 'GET', '/api/ephemeral/sessions/active')).body.items, [{ sessionId: id, status: 'completed' }]);
  t.match(await at(a.url, 'GET', `/api/ephemeral/${id}/status`, undefined, stranger.accessToken), { status: 404 });
  t.match(await at(b.url, 'DELETE', `/api/ephemeral/${id}/cleanup`, undefined, stranger.accessToken), { status: 404 });
});

t.test('a session is ended from any server', async (t) => {
  const id = await begin('Dear Bob');
  const kept = async (): Promise<number> => (await readdir(join(dirA, 'scratch'), { recursive: true, withFileTypes: true })).filter((one) => one.isFile() && one.name !== 'owner.json').length;
  const before = await kept();
  t.match(await at(b.url, 'DELETE', `/api/ephemeral/${id}/cleanup`), { status: 200, body: { status: 'cleaned' } });
  await until(async () => (await kept()) === before - 3);
  t.match(await at(a.url, 'GET', `/api/ephemeral/${id}/status`), { status: 200, body: { status: 'cleaned', results: null } });
});

t.test('when its server ends, it is gone', async (t) => {
  const { body } = await at(b.url, 'POST', '/api/ephemeral/process', letter('Dear Cy'));
  await b.kernel.close(2000);
  t.match(await at(a.url, 'GET', `/api/ephemeral/${body.id}/status`), { status: 200, body: { status: 'gone', results: null } });
});

t.test('of a request with an Idempotency-Key nothing is kept', async (t) => {
  const once = (content: string): Promise<TestReply> => send(a.url, 'POST', '/api/ephemeral/process', letter(content), { authorization: `Bearer ${user.accessToken}`, 'idempotency-key': 'the-same' });
  const [first, second] = [await once('Dear Di'), await once('Dear Di')];
  t.equal(first.status, 201);
  t.not(second.body.id, first.body.id, 'a repeated request is a new one');
});

t.test('too large is refused, alone or among others, and nothing stays', async (t) => {
  const { items } = (await user.send('GET', '/api/ephemeral/sessions/active')).body;
  t.match(await user.send('POST', '/api/ephemeral/process', letter(new Uint8Array(maxBytes + 1))), { status: 413, body: { error: 'PAYLOAD_TOO_LARGE' } });
  const form = letter('Dear Ed');
  form.append('file', new Blob(['x'.repeat(maxBytes + 1)]), 'large.txt');
  form.append('file', new Blob(['Dear Flo']), 'small.txt');
  t.match(await user.send('POST', '/api/ephemeral/batch-process', form), { status: 201, body: { items: [{ index: 0, error: null }, { index: 1, session: null, error: { code: 'PAYLOAD_TOO_LARGE' } }, { index: 2, error: null }] } });
  t.equal((await user.send('GET', '/api/ephemeral/sessions/active')).body.items.length, items.length + 2);
});

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../support/messaging.ts';
import { send, type TestReply } from '../support/server.ts';
import { canaries, foundInFiles, foundInNewFiles, foundInTables } from './ephemeral/canary.ts';
import { pdf, photo } from './ephemeral/documents.ts';
import { databaseUrlIn, startObserved, type ObservedServer } from './ephemeral/observed-server.ts';

/**
 * What is processed ephemerally leaves no trace: a whole server is shown words that occur nowhere else, and everything
 * that it leaves anywhere is searched for them – while the sessions live, after they end, and after it was killed.
 */
t.setTimeout(170_000);
const root = await mkdtemp(join(tmpdir(), 'proofpix-canaries-'));
t.teardown(() => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
const [dataDir, tmp] = [join(root, 'data'), join(root, 'tmp')];
await mkdir(tmp, { recursive: true });
const startedMs = Date.now();
let server: ObservedServer = await startObserved(dataDir, tmp);
t.teardown(() => server.terminate());

const account = { email: 'someone@example.com', password: 'Violet-Kettle-7f3a' };
await send(server.url, 'POST', '/api/auth/register', { ...account, firstName: 'Some', lastName: 'One' });
const { accessToken } = (await send(server.url, 'POST', '/api/auth/login', account)).body;
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestReply> => send(server.url, method, path, body, { authorization: `Bearer ${accessToken}`, ...headers });

const secret = canaries();
const known = canaries();
const trace = async (which = secret): Promise<string[]> => [
  ...(await foundInFiles(which, root)),
  ...(await foundInTables(which, await databaseUrlIn(dataDir))),
  ...(await foundInNewFiles(which, tmpdir(), startedMs)),
  ...[which.find(server.said())].filter((hit) => hit !== null).map((hit) => `log ${hit}`),
];
const scratchFiles = async (): Promise<string[]> => (await readdir(join(dataDir, 'scratch'), { recursive: true, withFileTypes: true })).filter((one) => one.isFile() && one.name !== 'owner.json').map(({ name }) => name);

function form(field: string, files: readonly (readonly [name: string, type: string, content: Uint8Array | string])[], options: object = { ocr: 'off' }): FormData {
  const made = new FormData();
  for (const [name, type, content] of files) made.append(field, new Blob([content as string], { type }), name);
  made.append('options', JSON.stringify(options));
  return made;
}

async function finished(id: string): Promise<TestReply> {
  let reply: TestReply | null = null;
  await until(async () => {
    reply = await ask('GET', `/api/ephemeral/${id}/status`);
    return reply.status !== 200 || !['queued', 'processing'].includes(reply.body.status);
  }, 60_000);
  return reply as unknown as TestReply;
}

t.test('what is uploaded the ordinary way is found: the search works', async (t) => {
  const upload = await ask('POST', '/api/files/upload', form('file', [[`${known.word('name')}.txt`, 'text/plain', `Dear ${known.word('content')}`]], { processImmediately: false }));
  t.equal(upload.status, 201);
  const found = await trace(known);
  t.ok(found.some((one) => one.includes('/blobs/')), 'its content as a file');
  t.ok(found.some((one) => one.includes('/postgres/')), 'its name in the files of the database');
  t.ok(found.some((one) => one.startsWith('plugin_files.') || /files\.documents|_files/.test(one)), `its name in a table: ${found.map((one) => one.slice(0, 60)).join(' | ')}`);
});

const sessions: string[] = [];
const documents: Record<string, readonly [string, string, Uint8Array | string]> = {
  text: [`${secret.word('text-name')}.txt`, 'text/plain', `Dear ${secret.word('text')}, write to ${secret.word('mail')}@example.com about card 4111 1111 1111 1111. AKIAIOSFODNN7EXAMPLE`],
  photo: [`${secret.word('photo-name')}.jpg`, 'image/jpeg', photo(secret.word('exif'))],
  pdf: [`${secret.word('pdf-name')}.pdf`, 'application/pdf', await pdf(`Letter to ${secret.word('pdf')}`, secret.word('title'))],
  broken: [`${secret.word('broken-name')}.pdf`, 'application/pdf', `%PDF-1.7\n${secret.word('broken')}\n`],
};

t.test('processed ephemerally it is found by nobody but who asks, also while it is there', async (t) => {
  const results: Record<string, string> = {};
  for (const [kind, file] of Object.entries(documents)) {
    const begun = await ask('POST', '/api/ephemeral/process', form('file', [file]), { 'idempotency-key': `once-${kind}` });
    t.match(begun, { status: 201, body: { status: 'queued' } }, kind);
    sessions.push(begun.body.id);
    const { status, body } = await finished(begun.body.id);
    t.equal(status, 200);
    results[kind] = JSON.stringify(body);
  }
  for (const [kind, places] of Object.entries({ text: ['text-name', 'text', 'mail'], photo: ['photo-name', 'exif'], pdf: ['pdf-name', 'pdf', 'title'], broken: ['broken-name'] })) {
    for (const place of places) t.ok(results[kind]?.includes(secret.word(place)), `${kind}: the results show the ${place}`);
  }
  t.ok((await scratchFiles()).length >= 3 * sessions.length, 'there is something on disk');
  t.strictSame(await trace(), [], 'and it is noise');
});

t.test('refused requests leave no trace either', async (t) => {
  t.equal((await ask('POST', '/api/ephemeral/process', form('file', [documents['text'] as never], { steps: [secret.word('step')] }))).status, 400);
  t.equal((await ask('POST', '/api/ephemeral/process', form(secret.word('field'), [documents['text'] as never]))).status, 400);
  t.equal((await ask('POST', '/api/ephemeral/process', form('file', [documents['text'] as never, documents['pdf'] as never]))).status >= 400, true);
  t.equal((await send(server.url, 'POST', '/api/ephemeral/process', form('file', [documents['text'] as never]))).status, 401);
  t.strictSame(await trace(), []);
});

t.test('cleaned up it is gone, for who asks too', async (t) => {
  for (const id of sessions) t.match(await ask('DELETE', `/api/ephemeral/${id}/cleanup`), { status: 200, body: { status: 'cleaned' } });
  for (const id of sessions) t.match(await ask('GET', `/api/ephemeral/${id}/status`), { status: 200, body: { status: 'cleaned', results: null } });
  t.strictSame(await scratchFiles(), []);
  t.strictSame(await trace(), []);
});

t.test('killed in the middle, the server comes back without any of it', async (t) => {
  const batch = await ask('POST', '/api/ephemeral/batch-process', form('files', Array.from({ length: 12 }, (_, at) => [`${secret.word(`batch-${at}`)}.txt`, 'text/plain', `${secret.word('batch')} `.repeat(5000)] as const)));
  t.equal(batch.status, 201);
  const begun: string[] = batch.body.items.map(({ session }: { session: { id: string } }) => session.id);
  t.equal(begun.length, 12);
  t.equal((await ask('GET', '/api/ephemeral/sessions/active')).body.items.length, 12);
  t.ok((await scratchFiles()).length >= 12);
  await server.kill();
  const said = server.said();
  server = await startObserved(dataDir, tmp);
  t.equal(secret.find(said), null);
  t.strictSame(await scratchFiles(), [], 'the new process has removed what the old one left');
  for (const id of begun) t.match(await ask('GET', `/api/ephemeral/${id}/status`), { status: 200, body: { status: 'gone', results: null } });
  t.strictSame((await ask('GET', '/api/ephemeral/sessions/active')).body.items, []);
  t.strictSame(await trace(), []);
});

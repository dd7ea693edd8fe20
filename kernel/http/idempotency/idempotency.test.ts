import t from 'tap';
import type { FastifyInstance } from 'fastify';
import type { RouteManifest } from '@proofpix/sdk';
import { quietLog, testDatabase, testMasterKey } from '../../../test/support/database.ts';
import { openVault } from '../../storage/index.ts';
import { identity, type MemoryBackend, memoryBackend, tenantA, tenantB } from '../testing/fakes.ts';
import { exchange, startServer, until } from '../testing/start.ts';
import { createIdempotency, type IdempotencyOptions } from './idempotency.ts';

const json = { kind: 'json' as const, schema: { type: 'object', properties: { n: { type: 'integer' } } } };
const routes: RouteManifest[] = [
  { name: 'create', method: 'POST', path: '/api/notes', access: 'tenant', status: 201, body: json },
  { name: 'other', method: 'POST', path: '/api/notes/other', access: 'tenant', body: json },
  { name: 'secret', method: 'POST', path: '/api/notes/secret', access: 'tenant', secretReply: true, body: json },
  { name: 'form', method: 'POST', path: '/api/notes/form', access: 'tenant', body: { kind: 'multipart', maxFiles: 1, maxBytes: 1_000_000 } },
  { name: 'public', method: 'POST', path: '/api/notes/public', access: 'public', body: json },
];

let made = 0;

async function kernelRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.post('/kernel/things', { config: { access: 'user' } }, async (_request, reply) => reply.code(201).header('location', '/kernel/things/1').send({ thing: (made += 1) }));
  fastify.post('/kernel/login', { config: { access: 'public', secretReply: true } }, async () => ({ token: (made += 1) }));
}

async function start(test: Parameters<typeof startServer>[0], backend: MemoryBackend, options: Partial<IdempotencyOptions> = {}) {
  const database = await testDatabase(test);
  const vault = await openVault({ masterKey: testMasterKey, database });
  const idempotency = createIdempotency({ database, vault, log: quietLog as never }, options);
  test.teardown(() => idempotency.close());
  const started = await startServer(test, { plugins: [kernelRoutes], idempotency });
  await started.enable(routes, backend, { tenants: [null, tenantA, tenantB] });
  const post = (url: string, key: string | null, payload: object | FormData | string = {}, token = 'a-1') =>
    fetch(`${base.url}${url}`, { method: 'POST', body: payload instanceof FormData ? payload : JSON.stringify(payload), headers: { authorization: `Bearer ${token}`, ...(payload instanceof FormData ? {} : { 'content-type': 'application/json' }), ...(key === null ? {} : { 'idempotency-key': key }) } });
  const base = await started.listen();
  return { ...started, ...base, post, database };
}

const counting = (): MemoryBackend => {
  const backend: MemoryBackend = memoryBackend(() => ({ json: { call: backend.calls.length } }));
  return backend;
};

t.test('the same key and body get the first reply; another body is refused', async (test) => {
  const backend = counting();
  const { post, database } = await start(test, backend);
  test.equal((await post('/api/notes', 'bad key')).status, 400);
  test.equal((await post('/api/notes', 'x'.repeat(256))).status, 400);
  const first = await post('/api/notes', 'k1', { n: 1 });
  test.match([first.status, await first.json(), first.headers.get('idempotent-replayed')], [201, { call: 1 }, null]);
  const conflict = await post('/api/notes', 'k1', { n: 2 });
  test.match([conflict.status, await conflict.json()], [409, { error: 'IDEMPOTENCY_KEY_REUSED', details: { field: 'headers.idempotency-key' } }]);
  const again = await post('/api/notes', 'k1', { n: 1 });
  test.match([again.status, await again.json(), again.headers.get('idempotent-replayed'), again.headers.get('content-type')], [201, { call: 1 }, 'true', 'application/json; charset=utf-8']);
  test.not(again.headers.get('x-request-id'), first.headers.get('x-request-id'), 'a replay has its own request id');
  test.equal(backend.calls.length, 1);

  for (const [name, url, token] of [['another user', '/api/notes', 'a-2'], ['another tenant', '/api/notes', 'b-1'], ['another route', '/api/notes/other', 'a-1'], ['no key', '/api/notes', 'a-1']] as const) {
    const before = backend.calls.length;
    await post(url, name === 'no key' ? null : 'k1', { n: 1 }, token);
    test.equal(backend.calls.length, before + 1, `${name} is another request`);
  }
  const rows = await database.system((em) => em.execute<{ reply: Uint8Array }[]>('select reply from kernel.idempotency'));
  for (const { reply } of rows) test.notMatch(Buffer.from(reply).toString('latin1'), /call/, 'kept under encryption');
});

t.test('kernel routes, and replies that hold secrets', async (test) => {
  const backend = counting();
  const { post } = await start(test, backend);
  const [first, again] = [await post('/kernel/things', 'k'), await post('/kernel/things', 'k')];
  test.same(await again.json(), await first.json());
  test.match([again.status, again.headers.get('location')], [201, '/kernel/things/1']);
  test.not(JSON.stringify(await (await post('/kernel/login', 'k')).json()), JSON.stringify(await (await post('/kernel/login', 'k')).json()));
  await post('/api/notes/secret', 'k');
  await post('/api/notes/secret', 'k');
  test.equal(backend.calls.length, 2, 'a secret reply is made anew');
});

t.test('a failed request may be tried again under its key', async (test) => {
  const { Conflict } = await import('@proofpix/sdk');
  const backend: MemoryBackend = memoryBackend(() => {
    if (backend.calls.length === 1) throw new Error('broken');
    if (backend.calls.length === 2) throw Conflict();
    return { json: { ok: true } };
  });
  const { post } = await start(test, backend);
  test.strictSame([(await post('/api/notes', 'k', { n: 'x' })).status, backend.calls.length], [400, 0]);
  for (const status of [500, 409, 201, 201]) test.equal((await post('/api/notes', 'k', { n: 1 })).status, status);
  test.equal(backend.calls.length, 3);
});

t.test('two at once: one runs, the other waits for its reply or gives up', async (test) => {
  const gate = Promise.withResolvers<void>();
  const backend: MemoryBackend = memoryBackend(async () => {
    await gate.promise;
    return { json: { call: backend.calls.length } };
  });
  const { post } = await start(test, backend, { waitMs: 300, pollMs: 20 });
  const first = post('/api/notes', 'k', { n: 1 });
  await until(() => backend.calls.length === 1, 'the first call');
  const late = await post('/api/notes', 'k', { n: 1 });
  test.match([late.status, await late.json()], [409, { error: 'CONFLICT' }]);
  const patient = post('/api/notes', 'k', { n: 1 });
  gate.resolve();
  test.same(await (await first).json(), { call: 1 });
  test.same(await (await patient).json(), { call: 1 });
  test.equal(backend.calls.length, 1);
});

t.test('forms are told apart by their parts, not by their boundaries', async (test) => {
  const backend = counting();
  const { post } = await start(test, backend);
  const form = (text: string): FormData => {
    const data = new FormData();
    data.append('file', new Blob([text]), 'a.txt');
    return data;
  };
  const content = 'x'.repeat(300_000);
  test.same(await (await post('/api/notes/form', 'k', form(content))).json(), { call: 1 });
  test.same(await (await post('/api/notes/form', 'k', form(content))).json(), { call: 1 });
  test.equal((await post('/api/notes/form', 'k', form(`${content}y`))).status, 409);
  test.equal(backend.calls.length, 1);
  test.equal(backend.uploads.size, 1, 'a replay stores nothing');
});

t.test('a reply too large to keep is not given twice, and the work is not done twice', async (test) => {
  const backend: MemoryBackend = memoryBackend(() => ({ text: 'x'.repeat(300_000) }));
  const { post } = await start(test, backend);
  test.equal((await (await post('/api/notes', 'k')).text()).length, 300_000);
  const again = await post('/api/notes', 'k');
  test.match([again.status, await again.json()], [409, { error: 'IDEMPOTENT_REPLY_NOT_KEPT' }]);
  test.equal(backend.calls.length, 1);
});

t.test('a client that left gets its reply when it comes back', async (test) => {
  const gate = Promise.withResolvers<void>();
  const backend: MemoryBackend = memoryBackend(async () => {
    await gate.promise;
    return { json: { call: backend.calls.length } };
  });
  const { post, port } = await start(test, backend, { waitMs: 5_000, pollMs: 20 });
  const body = '{"n":1}';
  const gone = exchange(port, [`POST /api/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-1\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: ${body.length}\r\n\r\n${body}`], { deadlineMs: 200 });
  await test.rejects(gone);
  await until(() => backend.calls.length === 1, 'the first call');
  gate.resolve();
  const back = await post('/api/notes', 'k', { n: 1 });
  test.match([back.status, await back.json(), back.headers.get('idempotent-replayed')], [201, { call: 1 }, 'true']);
  test.equal(backend.calls.length, 1);
});

t.test("a dead node's attempt blocks its key only until the lease ends, and records expire", async (test) => {
  const backend = counting();
  const { post, database } = await start(test, backend, { waitMs: 0 });
  await post('/api/notes', 'k', { n: 1 });
  await database.system((em) => em.execute(`update kernel.idempotency set state = 'running', lease_until = now() + interval '1 hour'`));
  test.equal((await post('/api/notes', 'k', { n: 1 })).status, 409);
  await database.system((em) => em.execute(`update kernel.idempotency set lease_until = now() - interval '1 second'`));
  test.same(await (await post('/api/notes', 'k', { n: 1 })).json(), { call: 2 });
  await database.system((em) => em.execute(`update kernel.idempotency set expires_at = now() - interval '1 second'`));
  test.same(await (await post('/api/notes', 'k', { n: 2 })).json(), { call: 3 }, 'after 24 hours the key is free');
  test.equal(identity().tenantId, tenantA);
});

t.test('anonymous callers are told apart by address', async (test) => {
  const backend = counting();
  const { server } = await start(test, backend);
  const ask = (remoteAddress: string) => server.fastify.inject({ method: 'POST', url: '/api/notes/public', remoteAddress, headers: { 'idempotency-key': 'k' }, payload: { n: 1 } });
  test.same((await ask('1.1.1.1')).json(), { call: 1 });
  test.same((await ask('2.2.2.2')).json(), { call: 2 });
  test.same((await ask('1.1.1.1')).json(), { call: 1 });
});

import { setImmediate as tick } from 'node:timers/promises';
import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { manifest, memoryBackend, memoryLog, tenantA } from '../testing/fakes.ts';
import { startServer, until } from '../testing/start.ts';
import { buildCell } from './build-cell.ts';

const auth = { authorization: 'Bearer a-1' };
const route = (given: Partial<RouteManifest>): RouteManifest => ({ name: 'notes.list', method: 'GET', path: '/api/notes', access: 'tenant', ...given });
const options = { log: memoryLog(), firstParty: true };

t.test('a manifest that cannot be served is refused when it is built', async (test) => {
  const backend = memoryBackend(() => ({}));
  await test.rejects(buildCell(manifest([route({}), route({ name: 'again' })]), backend, options), /already declared|duplicat/i);
  await test.rejects(buildCell(manifest([route({ query: { $ref: 'http://evil.example/schema.json' } })]), backend, options), /notes\.list of notes .*\$ref is not allowed/);
  await test.rejects(buildCell(manifest([route({ response: { type: 'string', pattern: '(?=a)' } })]), backend, options), /linear-time/);
});

t.test('third-party paths are below /api/x/<id>', async (test) => {
  const { server, enable } = await startServer(test);
  await enable([route({ path: '/hello/:name', access: 'public' })], memoryBackend(({ input }) => ({ json: input.params })), { cell: { firstParty: false } });
  test.equal((await server.fastify.inject({ url: '/hello/you' })).statusCode, 404);
  test.same((await server.fastify.inject({ url: '/api/x/notes/hello/you' })).json(), { name: 'you' });
});

t.test('a plugin sees the request without credentials and connection headers', async (test) => {
  const { server, enable } = await startServer(test);
  const backend = memoryBackend(() => ({ json: null }));
  await enable([route({ method: 'POST', path: '/api/notes/:id', params: { type: 'object', properties: { id: { type: 'integer' } } }, query: { type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } }, deep: { type: 'boolean', default: true } } } })], backend);
  const reply = await server.fastify.inject({ method: 'POST', url: '/api/notes/7?tags=a', headers: { ...auth, 'x-api-key': 'key', cookie: 'a=b', 'proxy-authorization': 'x', 'x-forwarded-for': '1.1.1.1', 'stripe-signature': 't=1', 'content-type': 'application/json' }, payload: '{"ignored":true}' });
  test.equal(reply.statusCode, 200);
  test.equal(reply.body, 'null');
  const [call] = backend.calls;
  test.same(call?.input.params, { id: 7 });
  test.same(call?.input.query, { tags: ['a'], deep: true });
  test.equal(call?.input.body, null, 'a body that no schema asked for is dropped');
  test.strictSame(Object.keys(call?.input.headers ?? {}).toSorted(), ['content-length', 'content-type', 'host', 'stripe-signature', 'user-agent']);
  test.match(call?.scope, { tenantId: tenantA, identity: { principal: { userId: 'a-1' } } });
});

t.test('raw bodies arrive byte for byte, whatever their type', async (test) => {
  const { server, enable } = await startServer(test);
  const backend = memoryBackend(() => ({ status: 202 }));
  await enable([route({ method: 'POST', body: { kind: 'raw', maxBytes: 10 } })], backend);
  const post = (payload: Buffer, type = 'application/json') => server.fastify.inject({ method: 'POST', url: '/api/notes', headers: { ...auth, 'content-type': type }, payload });
  test.equal((await post(Buffer.alloc(11))).statusCode, 413);
  test.equal(backend.calls.length, 0);
  test.equal((await post(Buffer.from('{"broken": '))).statusCode, 413);
  test.equal((await post(Buffer.from([0, 255, 10]))).statusCode, 202);
  test.equal(backend.calls[0]?.input.rawBase64, Buffer.from([0, 255, 10]).toString('base64'));
});

t.test('replies of every kind', async (test) => {
  const { server, enable, log } = await startServer(test);
  const replies: Record<string, object> = {
    json: { json: { id: '1', secret: 'x', at: null } },
    created: { status: 201, json: { id: '1' }, headers: { Location: '/api/notes/1' } },
    other: { status: 404, json: { secret: 'own error' } },
    text: { text: 'a,b' , headers: { 'Content-Type': 'text/csv; charset=utf-8' } },
    html: { text: '<b>', headers: { 'content-type': 'text/html' } },
    bytes: { base64: Buffer.from([1, 2]).toString('base64') },
    string: { json: 'just text' },
    number: { json: 7 },
    empty: { status: 204 },
    split: { json: {}, headers: { 'x-notes-a': 'a\r\nset-cookie: b=c', etag: '"é"', 'x-other-a': '1' } },
    continue: { status: 101, json: {} },
    lie: { json: { id: { toString: 'x' } } },
  };
  const response = { type: 'object', properties: { id: { type: 'string', pattern: '^(a+)+$', format: 'uuid' }, at: { type: ['string', 'null'] } }, required: ['id'] };
  await enable([route({ path: '/api/notes/typed/:kind', response }), route({ name: 'free', path: '/api/notes/free/:kind', produces: ['text/csv'] })], memoryBackend(({ input }) => replies[input.params['kind'] ?? ''] ?? {}));
  const ask = (path: string) => server.fastify.inject({ url: `/api/notes/${path}`, headers: auth });

  test.equal((await ask('typed/continue')).statusCode, 500, 'no informational status');
  test.equal((await ask('typed/split')).statusCode, 500, 'a reply that lacks what its schema requires');
  const split = await ask('free/split');
  test.strictSame([split.headers['set-cookie'], split.headers['x-notes-a'], split.headers['etag'], split.headers['x-other-a']], [undefined, undefined, undefined, undefined]);
  test.match(log.lines.find(({ message }) => message.includes('may not set'))?.fields, { headers: ['x-notes-a', 'etag', 'x-other-a'] });
  test.same((await ask('typed/json')).json(), { id: '1', at: null }, 'only what the schema names goes out');
  const created = await ask('typed/created');
  test.match([created.statusCode, created.headers['location'], created.json()], [201, '/api/notes/1', { id: '1' }]);
  test.same((await ask('typed/other')).json(), { secret: 'own error' }, 'other statuses have no schema');
  test.match((await ask('free/text')).headers['content-type'], 'text/csv; charset=utf-8');
  test.match((await ask('free/html')).headers['content-type'], /text\/plain|text\/csv/, 'only declared types');
  test.same((await ask('free/bytes')).rawPayload, Buffer.from([1, 2]));
  test.equal((await ask('free/string')).body, '"just text"');
  test.equal((await ask('free/number')).body, '7');
  test.equal((await ask('free/empty')).statusCode, 204);
  const head = await server.fastify.inject({ method: 'HEAD', url: '/api/notes/typed/json', headers: auth });
  test.match([head.statusCode, head.body], [200, '']);
});

t.test('the plugin learns that its client has gone', async (test) => {
  const { enable, listen } = await startServer(test);
  const backend = memoryBackend(({ scope }) => new Promise((resolve) => scope.signal.addEventListener('abort', () => resolve({ json: 'late' }))));
  const cell = await enable([route({ access: 'public' })], backend);
  const { url } = await listen();
  const controller = new AbortController();
  const reply = fetch(`${url}/api/notes`, { signal: controller.signal });
  await until(() => backend.calls.length === 1, 'the call');
  test.equal(cell.inFlight(), 1);
  controller.abort();
  await test.rejects(reply);
  await until(() => cell.inFlight() === 0, 'the request to be over');
  test.equal(backend.calls[0]?.scope.signal.aborted, true);
});

t.test('a runtime that hangs ends in 503', async (test) => {
  const { enable, listen } = await startServer(test);
  await enable([route({ access: 'public', timeoutMs: 10 })], memoryBackend(() => new Promise(() => undefined)));
  const { url } = await listen();
  const reply = await fetch(`${url}/api/notes`);
  test.match([reply.status, await reply.json()], [503, { error: 'DEADLINE_EXCEEDED' }]);
});

const at = (version: string) => memoryBackend(async () => { await tick(); return { json: { version } }; });

t.test('versions are swapped under load without losing a request', async (test) => {
  const { directory, enable, listen, log } = await startServer(test, {}, { rateLimit: { windowMs: 60_000, perAddress: 1e9, perPrincipal: 1e9 } });
  await enable([route({ access: 'public' })], at('1.0.0'));
  const { url } = await listen();
  const stop = new AbortController();
  const seen = new Map<string, number>();
  const failures: string[] = [];
  const client = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const reply = await fetch(`${url}/api/notes`);
      const body = await reply.text();
      if (reply.status === 200) seen.set(body, (seen.get(body) ?? 0) + 1);
      else failures.push(body);
    }
  };
  const clients = Array.from({ length: 10 }, client);
  await until(() => seen.size === 1, 'the first version');
  const drained: Promise<void>[] = [];
  for (let version = 2; version <= 12; version += 1) {
    const old = directory.cellFor('notes', null);
    const next = await buildCell(manifest([route({ access: 'public' })], { version: `${version}.0.0` }), at(`${version}.0.0`), { log, firstParty: true });
    directory.cells.set('notes -', next);
    if (old !== null) drained.push(old.drain(5_000).then(() => void test.equal(old.inFlight(), 0, `${old.version} is empty`)));
    await until(() => seen.has(JSON.stringify({ version: `${version}.0.0` })), `version ${version}`);
  }
  stop.abort();
  await Promise.all([...clients, ...drained]);
  test.strictSame(failures, []);
  test.equal(seen.size, 12);
});

t.test('a drained cell waits for requests that are being admitted', async (test) => {
  const cell = await buildCell(manifest([route({})]), memoryBackend(() => ({})), options);
  const release = cell.hold();
  let freed = false;
  const drained = cell.drain(5_000).then(() => (freed = true));
  await tick();
  test.equal(freed, false);
  release();
  release();
  await drained;
  test.equal(cell.inFlight(), 0);
});

import { get as httpGet } from 'node:http';
import t from 'tap';
import type { FastifyInstance } from 'fastify';
import type { RouteManifest } from '@proofpix/sdk';
import { createServer } from './create-server.ts';
import { fakeAuth, manifest, memoryBackend, memoryDirectory, memoryLog, tenantA, tenantB } from './testing/fakes.ts';
import { exchange, routeFolder, startServer, until } from './testing/start.ts';
import { buildCell } from './cell/build-cell.ts';
import { defaultLimits } from './server-options.ts';

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
const route = (given: Partial<RouteManifest>): RouteManifest => ({ name: 'notes.list', method: 'GET', path: '/api/notes', access: 'tenant', ...given });

const answer = async (request: { scope: { identity: unknown; requestId: string } }): Promise<unknown> => ({ known: request.scope.identity !== null });

async function kernelRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.get('/kernel/public', { config: { access: 'public' } }, answer);
  fastify.get('/kernel/identify', { config: { access: 'public', identify: true } }, answer);
  fastify.get('/kernel/user', { config: { access: 'user' } }, answer);
  fastify.get('/kernel/tenant', { config: { access: 'tenant' } }, answer);
  fastify.get('/kernel/operator', { config: { access: 'operator' } }, answer);
  fastify.get('/kernel/allowed', { config: { access: 'tenant', permission: 'notes:write' } }, answer);
  fastify.get('/kernel/refused', { config: { access: 'tenant', permission: 'notes:delete' } }, answer);
  fastify.get('/kernel/tight', { config: { access: 'public', limit: { max: 2, windowMs: 60_000 } } }, answer);
}

t.test('access, kernel routes and plugin routes alike', async (test) => {
  const { server, enable } = await startServer(test, { plugins: [kernelRoutes] });
  const backend = memoryBackend(() => ({ json: {} }));
  await enable(
    [
      route({ name: 'p', path: '/api/notes/public', access: 'public' }),
      route({ name: 'u', path: '/api/notes/user', access: 'user' }),
      route({ name: 't', path: '/api/notes/tenant', access: 'tenant' }),
      route({ name: 'o', path: '/api/notes/operator', access: 'operator' }),
      route({ name: 'a', path: '/api/notes/allowed', permission: 'notes:write' }),
      route({ name: 'r', path: '/api/notes/refused', permission: 'notes:delete' }),
    ],
    backend,
  );
  const expected: [string, string | null, number][] = [
    ['refused', null, 401], ['refused', 'a-1', 403], ['operator', null, 401], ['operator', 'a-1', 403], ['tenant', null, 401], ['tenant', 'wrong', 401], ['tenant', 'no-1', 403], ['user', null, 401], ['user', 'wrong', 401],
    ['allowed', null, 401], ['allowed', 'a-1', 200], ['operator', 'op-1', 200], ['tenant', 'a-1', 200], ['user', 'no-1', 200], ['public', null, 200], ['public', 'wrong', 200],
  ];
  for (const prefix of ['/kernel', '/api/notes']) {
    for (const [path, token, status] of expected) {
      const before = backend.calls.length;
      const reply = await server.fastify.inject({ url: `${prefix}/${path}`, headers: token === null ? {} : bearer(token) });
      test.equal(reply.statusCode, status, `${prefix}/${path} as ${token}`);
      if (prefix !== '/kernel') test.equal(backend.calls.length - before, status === 200 ? 1 : 0, 'the plugin is called when allowed, and only then');
      if (path === 'refused' && status === 403) test.equal(reply.json<{ details: { permission: string } }>().details.permission, 'notes:delete');
    }
  }
  test.same((await server.fastify.inject({ url: '/kernel/identify', headers: bearer('wrong') })).json(), { known: false });
  test.same((await server.fastify.inject({ url: '/kernel/identify', headers: bearer('a-1') })).json(), { known: true });
});

t.test('a plugin that is off for a tenant is not there, and links find their tenant', async (test) => {
  const { server, directory, enable } = await startServer(test);
  const backend = memoryBackend(({ scope }) => ({ json: { tenant: scope.tenantId, link: scope.link?.id ?? null } }));
  const share = route({ name: 'share', path: '/api/notes/share/:token', access: 'public', tenantFrom: { in: 'params', name: 'token', purpose: 'share' } });
  await enable([route({}), share, route({ name: 'pub', path: '/api/notes/pub', access: 'public' })], backend, { tenants: [null, tenantA] });
  directory.links.set('notes share good', { tenantId: tenantA, id: 'n7' });
  directory.links.set('notes share elsewhere', { tenantId: tenantB, id: 'n8' });
  const ask = async (url: string, token?: string) => server.fastify.inject({ url, headers: token === undefined ? {} : bearer(token) });

  test.equal((await ask('/api/notes', 'b-1')).statusCode, 404, 'off in tenant B');
  test.equal((await ask('/api/notes/share/forged', 'a-1')).statusCode, 404);
  test.equal((await ask('/api/notes/share/elsewhere')).statusCode, 404, 'a link into a tenant where it is off');
  test.equal(backend.calls.length, 0, 'nothing of that reached the plugin');
  test.same((await ask('/api/notes/share/good')).json(), { tenant: tenantA, link: 'n7' });
  test.same((await ask('/api/notes/share/good', 'b-1')).json(), { tenant: tenantA, link: 'n7' }, "the link's tenant, not the caller's");
  test.same((await ask('/api/notes/pub', 'a-1')).json(), { tenant: null, link: null }, 'without tenant data');
});

t.test('each tenant gets the version it runs', async (test) => {
  const { server, directory, log } = await startServer(test);
  const build = (version: string) => buildCell(manifest([route({})], { version }), memoryBackend(() => ({ json: { version } })), { log, firstParty: true });
  directory.cells.set(`notes ${tenantA}`, await build('1.0.0'));
  directory.cells.set(`notes ${tenantB}`, await build('2.0.0'));
  test.same((await server.fastify.inject({ url: '/api/notes', headers: bearer('a-1') })).json(), { version: '1.0.0' });
  test.same((await server.fastify.inject({ url: '/api/notes', headers: bearer('b-1') })).json(), { version: '2.0.0' });
  test.equal((await server.fastify.inject({ url: '/api/notes' })).statusCode, 401, 'nobody is told that it is not there before saying who asks');
});

t.test('request id and trace', async (test) => {
  const { server, enable } = await startServer(test);
  const backend = memoryBackend(() => ({ json: {} }));
  await enable([route({ access: 'public' })], backend);
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const sent = { 'x-request-id': 'client-id-123', traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  test.equal((await server.fastify.inject({ url: '/api/notes', headers: sent })).headers['x-request-id'], 'client-id-123');
  test.match(backend.calls[0]?.scope, { requestId: 'client-id-123', traceId: trace });
  for (const bad of ['short', 'has space in it', 'x'.repeat(65), '<script>alert(1)']) {
    const reply = await server.fastify.inject({ url: '/api/notes', headers: { 'x-request-id': bad, traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` } });
    test.match(reply.headers['x-request-id'], /^[0-9a-f]{16}-[0-9a-z]+$/);
    test.match(backend.calls.at(-1)?.scope.traceId, /^(?!0{32})[0-9a-f]{32}$/);
  }
});

const from = (origin: string) => ({ origin });

t.test('CORS for listed origins only, on plugin replies and errors too', async (test) => {
  const { server, enable } = await startServer(test, {}, { corsOrigins: ['https://app.example'] });
  await enable([route({ access: 'public' }), route({ name: 'c', method: 'POST' })], memoryBackend(() => ({ json: {}, headers: { vary: 'accept' } })));
  test.equal((await server.fastify.inject({ url: '/api/notes', headers: from('https://evil.example') })).headers['access-control-allow-origin'], undefined);
  const reply = await server.fastify.inject({ url: '/api/notes', headers: from('https://app.example') });
  test.match(reply.headers, { 'access-control-allow-origin': 'https://app.example', vary: /Origin, accept/ });
  test.equal((await server.fastify.inject({ url: '/nope', headers: from('https://app.example') })).headers['access-control-allow-origin'], 'https://app.example');
  const preflight = await server.fastify.inject({ method: 'OPTIONS', url: '/api/notes', headers: { ...from('https://app.example'), 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } });
  test.equal(preflight.statusCode, 204);
  test.match(preflight.headers, { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-methods': /POST/, 'access-control-allow-headers': 'authorization' });
});

t.test('security headers on every reply', async (test) => {
  const { server, enable } = await startServer(test, {}, { publicUrl: 'https://pix.example' });
  await enable([route({ access: 'public' })], memoryBackend(() => ({ text: '<script>', headers: { 'content-type': 'text/html', 'content-security-policy': 'default-src *', 'set-cookie': 'a=b', 'X-Frame-Options': 'ALLOW', 'x-notes-total': '7', 'x-accel-redirect': '/etc/passwd', location: 'javascript:alert(1)' } })));
  for (const url of ['/health/live', '/api/notes', '/nope', '/%zz']) {
    const { headers } = await server.fastify.inject({ url });
    test.match(headers, { 'content-security-policy': /^default-src 'none'; frame-ancestors 'none'/, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'strict-transport-security': /max-age/, 'cross-origin-opener-policy': 'same-origin' }, url);
  }
  const { headers } = await server.fastify.inject({ url: '/api/notes' });
  for (const name of ['set-cookie', 'x-accel-redirect', 'location']) test.equal(headers[name], undefined, name);
  test.match(headers, { 'content-type': /^text\/plain/, 'x-notes-total': '7' });
});

t.test('address lists', async (test) => {
  await test.rejects(startServer(test, {}, { ipAllow: ['10.0.0.0/99'] }), /10\.0\.0\.0\/99/);
  const cases: [{ ipAllow?: string[]; ipDeny?: string[] }, string, number][] = [
    [{ ipAllow: ['10.0.0.0/8'] }, '192.168.0.1', 403],
    [{ ipAllow: ['10.0.0.0/8'] }, '10.1.2.3', 200],
    [{ ipAllow: ['10.0.0.0/8'] }, '::ffff:10.1.2.3', 200],
    [{ ipAllow: ['10.0.0.0/8'], ipDeny: ['10.1.0.0/16'] }, '::ffff:10.1.2.3', 403],
    [{ ipDeny: ['2001:db8::/32'] }, '2001:db8::1', 403],
    [{ ipDeny: ['2001:db8::/32'] }, '2001:db9::1', 200],
    [{ ipDeny: ['::ffff:10.0.0.0/104'] }, '10.9.9.9', 403],
  ];
  for (const [lists, remoteAddress, status] of cases) {
    const { server } = await startServer(test, {}, lists);
    test.equal((await server.fastify.inject({ url: '/health/live', remoteAddress })).statusCode, status, `${JSON.stringify(lists)} ${remoteAddress}`);
  }
});

t.test('the client address is believed from trusted proxies only', async (test) => {
  const ask = async (trustProxy: boolean | number | string[], remoteAddress = '10.0.0.1') => {
    const { server, enable } = await startServer(test, {}, { trustProxy });
    const backend = memoryBackend(() => ({ json: {} }));
    await enable([route({ access: 'public' })], backend);
    await server.fastify.inject({ url: '/api/notes', remoteAddress, headers: { 'x-forwarded-for': '1.1.1.1, 2.2.2.2' } });
    return backend.calls[0]?.scope.ip;
  };
  test.equal(await ask(false), '10.0.0.1');
  test.equal(await ask(1), '2.2.2.2');
  test.equal(await ask(['10.0.0.0/8']), '2.2.2.2');
  test.equal(await ask(['10.0.0.0/8'], '11.0.0.1'), '11.0.0.1');
  test.equal(await ask(true), '1.1.1.1');
});

t.test('rate limits by principal, else by address; plugin routes count', async (test) => {
  const { server, enable } = await startServer(test, { plugins: [kernelRoutes] }, { rateLimit: { windowMs: 60_000, perPrincipal: 3, perAddress: 2 } });
  const backend = memoryBackend(() => ({ json: {} }));
  await enable([route({})], backend);
  const ask = (url: string, token: string | null, remoteAddress = '1.1.1.1') => server.fastify.inject({ url, remoteAddress, headers: token === null ? {} : bearer(token) });
  for (const url of ['/api/notes', '/kernel/user', '/api/notes']) test.equal((await ask(url, 'a-1')).statusCode, 200);
  const limited = await ask('/api/notes', 'a-1', '2.2.2.2');
  test.match(limited.json(), { error: 'RATE_LIMIT_EXCEEDED', retryAfter: Number, requestId: /./ });
  test.equal(limited.statusCode, 429);
  test.equal(limited.headers['retry-after'], String(limited.json<{ retryAfter: number }>().retryAfter));
  test.equal(backend.calls.length, 2);
  test.equal((await ask('/api/notes', 'a-2')).statusCode, 200, 'another principal from the same address');
  for (const status of [401, 401, 429]) test.equal((await ask('/api/notes', 'wrong', '3.3.3.3')).statusCode, status, 'bad credentials count against the address');
  for (const status of [200, 200, 429]) test.equal((await ask('/kernel/public', null, '2001:db8::1')).statusCode, status);
  test.equal((await ask('/kernel/public', null, '2001:db8::ffff')).statusCode, 429, 'one IPv6 network is one address');
  for (let at = 0; at < 5; at += 1) test.equal((await ask('/health/live', null, '2001:db8::1')).statusCode, 200, 'health is never limited');
});

t.test('a route may have a tighter limit', async (test) => {
  const { server } = await startServer(test, { plugins: [kernelRoutes] });
  for (const status of [200, 200, 429]) test.equal((await server.fastify.inject({ url: '/kernel/tight' })).statusCode, status);
  test.equal((await server.fastify.inject({ url: '/kernel/public' })).statusCode, 200);
});

t.test('without Redis each node counts for itself', async (test) => {
  const { server, log } = await startServer(test, { plugins: [kernelRoutes] }, { redisUrl: 'redis://127.0.0.1:1', rateLimit: { windowMs: 60_000, perPrincipal: 10, perAddress: 2 } });
  for (const status of [200, 200, 429]) test.equal((await server.fastify.inject({ url: '/kernel/public' })).statusCode, status);
  test.match(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message), ['Redis does not answer: this node counts rate limits by itself']);
});

const file = (path: string, config: string) => `export default async (f, { greeting }) => { f.get('${path}', { config: ${config} }, async () => ({ greeting })); };`;

t.test('the boot refuses what would be ambiguous or open', async (test) => {
  const boot = async (files: Record<string, string>) => {
    const dir = await routeFolder(test, files);
    const server = await createServer({ auth: fakeAuth(), directory: memoryDirectory(), log: memoryLog(), routes: [{ dir, prefix: '/api/things', services: { greeting: 'hello' } }] });
    test.teardown(() => server.close(100));
    return server;
  };
  await test.rejects(boot({ 'a.mjs': file('/x', '{}') }), /GET \/api\/things\/x declares no access/);
  await test.rejects(boot({ 'a.mjs': file('/x', "{ access: 'public' }"), 'b.mjs': file('/x', "{ access: 'public' }") }), { code: 'FST_ERR_DUPLICATED_ROUTE' });
  const server = await boot({ 'a.mjs': file('/x', "{ access: 'public' }"), 'ignored.test.mjs': 'throw new Error("a test was loaded")' });
  test.same((await server.fastify.inject({ url: '/api/things/x' })).json(), { greeting: 'hello' });
});

t.test('maintenance mode refuses everybody but operators, and health stays', async (test) => {
  const state = { on: true, message: 'Back at noon.', until: new Date(Date.now() + 90_000).toISOString() };
  const { server, enable } = await startServer(test, { plugins: [kernelRoutes], maintenance: { current: () => state } });
  const backend = memoryBackend(() => ({ json: {} }));
  await enable([route({}), route({ name: 'o', path: '/api/notes/op', access: 'operator' })], backend);
  for (const url of ['/api/notes', '/kernel/user', '/kernel/public']) {
    const reply = await server.fastify.inject({ url, headers: bearer('a-1') });
    test.equal(reply.statusCode, 503, url);
    test.match(reply.json(), { error: 'UNAVAILABLE', message: 'Back at noon.', details: { until: state.until }, retryAfter: 90 });
  }
  test.equal(backend.calls.length, 0);
  test.equal((await server.fastify.inject({ url: '/health/ready' })).statusCode, 200);
  test.equal((await server.fastify.inject({ url: '/api/notes/op', headers: bearer('op-1') })).statusCode, 200);
});

t.test('readiness names what failed and gives up on what hangs', async (test) => {
  let broken = true;
  const { server, log } = await startServer(test, { checks: { database: async () => { if (broken) throw new Error('secret address'); }, queue: async () => undefined } });
  const reply = await server.fastify.inject({ url: '/health/ready' });
  test.equal(reply.statusCode, 503);
  test.same(reply.json(), { status: 'not-ready', checks: { database: 'failed', queue: 'ok' } });
  test.equal(log.lines.length, 1);
  broken = false;
  test.equal((await server.fastify.inject({ url: '/health/ready' })).statusCode, 200);
  const hanging = await startServer(test, { checks: { hangs: () => new Promise(() => undefined) } });
  test.equal((await hanging.server.fastify.inject({ url: '/health/ready' })).statusCode, 503);
});

t.test('authentication that hangs ends in 503', async (test) => {
  const { server } = await startServer(test, { plugins: [kernelRoutes], auth: { ...fakeAuth(), authenticate: () => new Promise(() => undefined) } }, { limits: { ...defaultLimits, authTimeoutMs: 50 } });
  test.match((await server.fastify.inject({ url: '/kernel/user', headers: bearer('a-1') })).json(), { error: 'UNAVAILABLE', retryAfter: 1 });
});

t.test('slow clients are cut off', async (test) => {
  const { listen } = await startServer(test, {}, { limits: { ...defaultLimits, headersTimeoutMs: 150, requestTimeoutMs: 300, checkIntervalMs: 30 } });
  const { port } = await listen();
  test.match(await exchange(port, ['GET / HTTP/1.1\r\nHost: x\r\nA: ']), /^HTTP\/1\.1 408 [\s\S]*"error":"REQUEST_TIMEOUT"/, 'headers that never end');
  test.match(await exchange(port, ['POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc']), /^HTTP\/1\.1 404 [\s\S]*NOT_FOUND/, 'a body that never comes');
});

t.test('draining finishes what runs, closes idle connections and takes nothing new', async (test) => {
  const { server, enable, listen } = await startServer(test);
  const gate = Promise.withResolvers<void>();
  const backend = memoryBackend(async ({ input }) => {
    if (input.params['id'] === 'slow') await gate.promise;
    return { json: { done: true } };
  });
  await enable([route({ path: '/api/notes/:id', access: 'public' })], backend);
  const { url, port } = await listen();
  // an idle keep-alive connection, which would hold the close for as long as its time-out
  const idle = exchange(port, ['GET /api/notes/fast HTTP/1.1\r\nHost: x\r\n\r\n']);
  const slow = fetch(`${url}/api/notes/slow`);
  await until(() => backend.calls.length === 2, 'both requests');
  let closed = false;
  const closing = server.close(10_000).then(() => (closed = true));
  test.match(await idle, /^HTTP\/1\.1 200/, 'the idle connection is closed by the server');
  test.equal(closed, false, 'a request is still in flight');
  await test.rejects(fetch(`${url}/health/live`), 'no new connections');
  gate.resolve();
  const reply = await slow;
  test.equal(reply.status, 200);
  test.same(await reply.json(), { done: true });
  await closing;
  await server.close(1);
});

t.test('a drain ends at its deadline', async (test) => {
  const { server, enable, listen, log } = await startServer(test);
  const backend = memoryBackend(() => new Promise(() => undefined));
  await enable([route({ access: 'public' })], backend);
  const { url } = await listen();
  const cut = new Promise<string>((resolve) => httpGet(`${url}/api/notes`).on('error', (error: Error & { code?: string }) => resolve(error.code ?? '')));
  await until(() => backend.calls.length === 1, 'the request');
  const { signal } = backend.calls[0]?.scope ?? {};
  await server.close(100);
  test.equal(await cut, 'ECONNRESET');
  await until(() => signal?.aborted === true, 'the plugin to be told');
  test.match(log.lines.map(({ message }) => message), ['requests were cut off at the end of the drain']);
});

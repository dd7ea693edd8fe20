import t from 'tap';
import type { FastifyInstance } from 'fastify';
import type { RouteManifest } from '@proofpix/sdk';
import { Conflict, PluginError } from '@proofpix/sdk';
import { memoryBackend } from '../testing/fakes.ts';
import { exchange, startServer } from '../testing/start.ts';

const body = { type: 'object', properties: { title: { type: 'string', maxLength: 5 }, tags: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } } }, required: ['title'], additionalProperties: false };
const routes: RouteManifest[] = [
  { name: 'notes.create', method: 'POST', path: '/api/notes', access: 'tenant', body: { kind: 'json', schema: body, maxBytes: 1_000 } },
  { name: 'notes.get', method: 'GET', path: '/api/notes/:id', access: 'tenant', params: { type: 'object', properties: { id: { type: 'string', pattern: '^[0-9]+$' } } }, query: { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } }, additionalProperties: false } },
  { name: 'notes.form', method: 'POST', path: '/api/notes/form', access: 'tenant', body: { kind: 'multipart', maxFiles: 1, maxBytes: 10 } },
  { name: 'notes.fail', method: 'GET', path: '/api/notes/fail/:how', access: 'tenant' },
];

const failures: Record<string, unknown> = {
  unknown: new Error('secret: /etc/passwd'),
  string: 'thrown text',
  null: null,
  conflict: Conflict({ details: { id: '7' } }),
  limited: new PluginError({ code: 'SLOW_DOWN', kind: 'limited', message: 'Slow down.', retryAfterSeconds: 7 }),
  status: Object.assign(new Error('I choose my status'), { statusCode: 200, code: 'MINE' }),
  internal: new PluginError({ code: 'DATABASE_DOWN', kind: 'internal', message: 'password is hunter2', details: { password: 'hunter2' } }),
  huge: new PluginError({ code: 'HUGE', kind: 'invalid', message: 'x'.repeat(100_000), details: { x: 'x'.repeat(100_000) } }),
  cyclic: new PluginError({ code: 'CYCLIC', kind: 'invalid', message: 'cyclic', details: (() => { const details: Record<string, unknown> = {}; details['self'] = details; return details; })() }),
};

async function kernelRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.post('/kernel/echo', { config: { access: 'public' }, schema: { body } }, async (request) => request.body);
  fastify.get('/kernel/items/:id', { config: { access: 'public' } }, async () => ({}));
}

const backend = memoryBackend(({ input }) => {
  if ('how' in input.params) throw failures[input.params['how'] ?? ''];
  return { json: { ok: true } };
});

const auth = { authorization: 'Bearer a-1' };
const json = { ...auth, 'content-type': 'application/json' };

interface Case {
  name: string;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  payload?: string;
  status: number;
  code: string;
  field?: string;
}

const hostile: Case[] = [
  { name: 'unknown path', url: '/nope', status: 404, code: 'NOT_FOUND' },
  { name: 'unknown path below a plugin', url: '/api/notes/a/b/c', headers: auth, status: 404, code: 'NOT_FOUND' },
  { name: 'other method of a plugin path', method: 'DELETE', url: '/api/notes', headers: auth, status: 405, code: 'METHOD_NOT_ALLOWED' },
  { name: 'other method of a kernel path', method: 'PUT', url: '/kernel/echo', status: 405, code: 'METHOD_NOT_ALLOWED' },
  { name: 'bad escape in the path', url: '/api/%zz', status: 400, code: 'VALIDATION_ERROR', field: 'path' },
  { name: 'bad escape in a plugin path', url: '/api/notes/%zz', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'path' },
  { name: 'endless parameter', url: `/kernel/items/${'9'.repeat(2_000)}`, status: 414, code: 'URI_TOO_LONG' },
  { name: 'endless parameter of a plugin path', url: `/api/notes/${'9'.repeat(2_000)}`, headers: auth, status: 404, code: 'NOT_FOUND' },
  { name: 'no credentials', url: '/api/notes/1', status: 401, code: 'UNAUTHORIZED' },
  { name: 'bad credentials', url: '/api/notes/1', headers: { authorization: 'Bearer nobody' }, status: 401, code: 'UNAUTHORIZED' },
  { name: 'another team', url: '/api/notes/1', headers: { ...auth, 'x-team-id': 'b' }, status: 403, code: 'FORBIDDEN' },
  { name: 'parameter against its pattern', url: '/api/notes/x', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'params.id' },
  { name: 'query of a wrong type', url: '/api/notes/1?limit=lots', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'query.limit' },
  { name: 'query out of range', url: '/api/notes/1?limit=101', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'query.limit' },
  { name: 'unknown query', url: '/api/notes/1?nope=1', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'query.nope' },
  { name: 'poisonous query', url: '/api/notes/1?__proto__=1', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'query' },
  { name: 'poisonous query, escaped', url: '/api/notes/1?%5f%5fproto__=1', headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'query' },
  ...['/api/notes', '/kernel/echo'].flatMap((url): Case[] => [
    { name: `${url}: broken JSON`, method: 'POST', url, headers: json, payload: '{"title":', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: empty JSON`, method: 'POST', url, headers: json, payload: '', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: no body`, method: 'POST', url, headers: auth, status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: JSON of another shape`, method: 'POST', url, headers: json, payload: '[]', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: null`, method: 'POST', url, headers: json, payload: 'null', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: wrong type`, method: 'POST', url, headers: json, payload: '{"title":7}', status: 400, code: 'VALIDATION_ERROR', field: 'body.title' },
    { name: `${url}: missing field`, method: 'POST', url, headers: json, payload: '{}', status: 400, code: 'VALIDATION_ERROR', field: 'body.title' },
    { name: `${url}: unknown field`, method: 'POST', url, headers: json, payload: '{"title":"a","x":1}', status: 400, code: 'VALIDATION_ERROR', field: 'body.x' },
    { name: `${url}: deep field`, method: 'POST', url, headers: json, payload: '{"title":"a","tags":[{"name":"a"},{}]}', status: 400, code: 'VALIDATION_ERROR', field: 'body.tags[1].name' },
    { name: `${url}: __proto__`, method: 'POST', url, headers: json, payload: '{"title":"a","__proto__":{"admin":true}}', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: constructor.prototype`, method: 'POST', url, headers: json, payload: '{"title":"a","constructor":{"prototype":{}}}', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
    { name: `${url}: another content type`, method: 'POST', url, headers: { ...auth, 'content-type': 'application/xml' }, payload: '<x/>', status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    { name: `${url}: nonsense content type`, method: 'POST', url, headers: { ...auth, 'content-type': ';;;' }, payload: '{}', status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  ]),
  { name: 'body over the route limit', method: 'POST', url: '/api/notes', headers: json, payload: JSON.stringify({ title: 'x'.repeat(2_000) }), status: 413, code: 'PAYLOAD_TOO_LARGE' },
  { name: 'body over the kernel limit', method: 'POST', url: '/kernel/echo', headers: json, payload: JSON.stringify({ title: 'x'.repeat(1_100_000) }), status: 413, code: 'PAYLOAD_TOO_LARGE' },
  { name: 'form that is JSON', method: 'POST', url: '/api/notes/form', headers: json, payload: '{}', status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  { name: 'form without a boundary', method: 'POST', url: '/api/notes/form', headers: { ...auth, 'content-type': 'multipart/form-data' }, payload: 'x', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
  { name: 'form that is none', method: 'POST', url: '/api/notes/form', headers: { ...auth, 'content-type': 'multipart/form-data; boundary=b' }, payload: 'garbage', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
  { name: 'truncated form', method: 'POST', url: '/api/notes/form', headers: { ...auth, 'content-type': 'multipart/form-data; boundary=b' }, payload: '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc', status: 400, code: 'VALIDATION_ERROR', field: 'body' },
  { name: 'unknown error', url: '/api/notes/fail/unknown', headers: auth, status: 500, code: 'INTERNAL_SERVER_ERROR' },
  { name: 'thrown text', url: '/api/notes/fail/string', headers: auth, status: 500, code: 'INTERNAL_SERVER_ERROR' },
  { name: 'thrown null', url: '/api/notes/fail/null', headers: auth, status: 500, code: 'INTERNAL_SERVER_ERROR' },
  { name: 'an error that names its own status', url: '/api/notes/fail/status', headers: auth, status: 500, code: 'INTERNAL_SERVER_ERROR' },
  { name: 'an internal error of a plugin', url: '/api/notes/fail/internal', headers: auth, status: 500, code: 'INTERNAL_SERVER_ERROR' },
  { name: 'a conflict', url: '/api/notes/fail/conflict', headers: auth, status: 409, code: 'CONFLICT' },
  { name: 'a plugin limit', url: '/api/notes/fail/limited', headers: auth, status: 429, code: 'SLOW_DOWN' },
  { name: 'an oversized error', url: '/api/notes/fail/huge', headers: auth, status: 400, code: 'HUGE' },
  { name: 'a cyclic error', url: '/api/notes/fail/cyclic', headers: auth, status: 400, code: 'CYCLIC' },
];

t.test('every refusal has the one shape', async (test) => {
  const { server, enable } = await startServer(test, { plugins: [kernelRoutes] });
  await enable(routes, backend);
  for (const { name, method = 'GET', url, headers = {}, payload, status, code, field } of hostile) {
    const reply = await server.fastify.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    const parsed = reply.json<Record<string, unknown>>();
    test.equal(reply.statusCode, status, `${name}: status (${reply.body.slice(0, 200)})`);
    test.equal(parsed['error'], code, `${name}: code`);
    test.match(parsed, { message: /./, details: {}, requestId: /^[\w:.-]{8,}$/ }, `${name}: shape`);
    test.equal(parsed['requestId'], reply.headers['x-request-id'], `${name}: request id`);
    test.match(reply.headers, { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' }, `${name}: headers`);
    test.strictSame(Object.keys(parsed).filter((key) => !['error', 'message', 'details', 'requestId', 'retryAfter'].includes(key)), [], `${name}: no other fields`);
    if (field !== undefined) test.match(parsed['details'], { field, issue: /./ }, `${name}: details`);
    test.ok(reply.body.length < 20_000, `${name}: bounded`);
    test.notMatch(reply.body, /hunter2|passwd|node_modules|at .*\.ts/, `${name}: no secrets, no stacks`);
    if (status === 500) test.strictSame(parsed['details'], {}, `${name}: an own fault says only the request id`);
    if (status === 429) test.match([parsed['retryAfter'], reply.headers['retry-after']], [7, '7'], `${name}: retry-after`);
    if (status === 405) test.match(reply.headers['allow'], /POST/, `${name}: allow`);
    if (status === 401) test.equal(reply.headers['www-authenticate'], 'Bearer', `${name}: challenge`);
  }
  test.equal(({} as { admin?: boolean }).admin, undefined, 'no prototype was touched');
});

t.test('what is no HTTP gets the one shape too, and the connection ends', async (test) => {
  const { listen } = await startServer(test);
  const { port } = await listen();
  const cases: [string, string, number, string][] = [
    ['garbage', 'hello\r\n\r\n', 400, 'VALIDATION_ERROR'],
    ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'VALIDATION_ERROR'],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'VALIDATION_ERROR'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 400, 'VALIDATION_ERROR'],
    ['length and chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'VALIDATION_ERROR'],
    ['bare line feed in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\nc\r\n\r\n', 400, 'VALIDATION_ERROR'],
    ['huge headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'REQUEST_HEADER_FIELDS_TOO_LARGE'],
  ];
  for (const [name, text, status, code] of cases) {
    const received = await exchange(port, [text]);
    test.match(received, new RegExp(`^HTTP/1.1 ${status} `), name);
    if (name === 'no host') continue;
    const parsed = JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;
    test.match(parsed, { error: code, message: /./, details: {}, requestId: /./ }, name);
  }
});

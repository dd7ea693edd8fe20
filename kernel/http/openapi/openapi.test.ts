import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import type { FastifyInstance } from 'fastify';
import type { RouteManifest } from '@proofpix/sdk';
import { manifest } from '../testing/fakes.ts';
import { startServer } from '../testing/start.ts';

interface Document {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, { operationId: string; security: unknown[]; parameters: { name?: string; in?: string; $ref?: string }[]; responses: Record<string, unknown>; requestBody?: unknown; 'x-access': string; 'x-permission'?: string }>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

const routes: RouteManifest[] = [
  { name: 'notes.list', method: 'GET', path: '/api/notes', access: 'tenant', permission: 'notes:read', query: { type: 'object', properties: { limit: { type: 'integer', minimum: 1, description: 'How many' } } }, response: { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } } },
  { name: 'notes.create', method: 'POST', path: '/api/notes', access: 'tenant', status: 201, body: { kind: 'json', schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } } },
  { name: 'notes.get', method: 'GET', path: '/api/notes/:id/parts/:part', access: 'public', params: { type: 'object', properties: { id: { type: 'integer' } } }, produces: ['text/csv'] },
  { name: 'notes.upload', method: 'POST', path: '/api/notes/upload', access: 'user', secretReply: true, body: { kind: 'multipart', maxFiles: 3, maxBytes: 10, fields: { type: 'object', properties: { options: { type: 'object' } } } } },
  { name: 'notes.hook', method: 'POST', path: '/api/notes/hook', access: 'public', body: { kind: 'raw', maxBytes: 10 } },
  { name: 'notes.sweep', method: 'DELETE', path: '/api/notes', access: 'operator' },
];

async function kernelRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.post('/api/auth/login', { config: { access: 'public', operationId: 'auth.login', summary: 'Sign in' }, schema: { body: { type: 'object', properties: { email: { type: 'string' } } }, response: { 200: { type: 'object', properties: { accessToken: { type: 'string' } } } } } }, async () => ({ accessToken: 'x' }));
  fastify.get('/api/internal', { config: { access: 'operator', operationId: 'ops.internal' } }, async () => ({}));
  fastify.get('/unlisted', { config: { access: 'public' } }, async () => ({}));
}

t.test('the document is valid OpenAPI 3.1 and says what is enabled', async (test) => {
  const { server, directory } = await startServer(test, { plugins: [kernelRoutes], version: '1.2.3' });
  const notes = manifest(routes);
  const third = manifest([{ name: 'hello', method: 'GET', path: '/hello/:name', access: 'tenant' }], { id: 'greeter' });
  const ask = async (token?: string, headers: Record<string, string> = {}) => server.fastify.inject({ url: '/openapi.json', headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) } });
  const document = async (token?: string) => (await ask(token)).json<Document>();

  test.notOk(Object.keys((await document()).paths).some((path) => path.startsWith('/api/notes')), 'a disabled plugin is not in it');
  directory.manifests.push(notes, third);
  directory.ownerOf = (path) => (path.startsWith('/api/notes') ? 'notes' : null);
  const made = await document('op-1');
  const result = await new Validator().validate(structuredClone(made) as unknown as Record<string, unknown>);
  test.ok(result.valid, JSON.stringify(result.errors));
  test.match(made, { openapi: '3.1.0', info: { version: '1.2.3' } });

  const operations = Object.entries(made.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
  test.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length, 'operation ids are unique');
  for (const { path, method, parameters, responses, security, 'x-access': access } of operations) {
    const named = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => `{${parameter.name}}`);
    test.strictSame(named, path.match(/\{\w+\}/g) ?? [], `${method} ${path}: every path parameter once`);
    test.ok(Object.keys(responses).some((status) => status.startsWith('2')), `${method} ${path}: a success`);
    test.match(responses, { 400: { $ref: '#/components/responses/Error' } });
    test.equal(security.length === 0, access === 'public', `${method} ${path}: security follows access`);
  }
  const find = (id: string) => operations.find(({ operationId }) => operationId === id);
  test.match(find('notes.notes.list'), { path: '/api/notes', method: 'get', 'x-permission': 'notes:read', parameters: [{ name: 'limit', in: 'query', required: false, description: 'How many', schema: { type: 'integer', minimum: 1 } }] });
  test.match(find('notes.notes.create'), { responses: { 201: {}, 409: {} }, requestBody: { content: { 'application/json': { schema: { required: ['title'] } } } } });
  test.ok(find('notes.notes.create')?.parameters.some((parameter) => parameter.$ref?.endsWith('IdempotencyKey')));
  test.notOk(find('notes.notes.upload')?.parameters.some((parameter) => parameter.$ref?.endsWith('IdempotencyKey')), 'a secret reply is never kept');
  test.match(find('notes.notes.upload')?.requestBody, { content: { 'multipart/form-data': { schema: { properties: { options: {}, file: { type: 'array', maxItems: 3 } } } } } });
  test.match(find('notes.notes.get'), { path: '/api/notes/{id}/parts/{part}', parameters: [{ name: 'id', schema: { type: 'integer' } }, { name: 'part', schema: { type: 'string' } }] });
  test.equal(find('greeter.hello')?.path, '/api/x/greeter/hello/{name}');
  test.match(find('auth.login'), { summary: 'Sign in', security: [] });
  test.ok(find('ops.internal') && find('notes.notes.sweep'), 'operators see their own routes');
  test.notOk(operations.some(({ path }) => path === '/unlisted' || path.startsWith('/docs')));

  const forUser = await document('a-1');
  test.notOk(forUser.paths['/api/internal'], 'and nobody else does');
  test.notOk(forUser.paths['/api/notes']?.['delete']);
  const { headers } = await ask('a-1');
  const again = await ask('a-1', { 'if-none-match': String(headers['etag']) });
  test.match([again.statusCode, again.body], [304, '']);
  directory.manifests.pop();
  test.equal((await ask('a-1', { 'if-none-match': String(headers['etag']) })).statusCode, 200, 'another set of versions, another document');
});

t.test('the reference loads nothing from elsewhere', async (test) => {
  const { server } = await startServer(test);
  test.equal((await server.fastify.inject({ url: '/docs' })).headers.location, '/docs/');
  const page = await server.fastify.inject({ url: '/docs/' });
  test.equal(page.statusCode, 200);
  test.match(page.headers['content-security-policy'], /script-src 'self'/);
  test.notMatch(page.headers['content-security-policy'], /https?:|sandbox/);
  const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  test.ok(sources.length > 0);
  for (const source of sources) test.notMatch(source, /^(https?:)?\/\//, source);
  for (const source of sources.filter((one) => one.endsWith('.js'))) {
    const script = await server.fastify.inject({ url: new URL(source, 'http://x/docs/').pathname });
    test.equal(script.statusCode, 200);
    test.ok(script.body.length > 1_000_000, 'the bundle is served from here');
  }
  test.match(page.body, /openapi\.json/);
  test.equal((await server.fastify.inject({ url: '/nope' })).headers['content-security-policy']?.toString().includes('sandbox'), true, 'nothing else is relaxed');
});

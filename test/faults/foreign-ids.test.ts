import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { testServer, type TestReply } from '../support/server.ts';

/**
 * Every endpoint that takes an id, as the server's own OpenAPI document lists them, asked by somebody of another
 * tenant with ids that exist. The answer is 404, as for ids that do not exist, and nothing has changed afterwards.
 * A new endpoint is covered as soon as it is documented; a parameter that is not known here fails the test.
 */
const server = await testServer(t, { entries: plugins });
const victim = await server.register('victim');
const attacker = await server.register('attacker');

interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  minLength?: number;
  format?: string;
  minProperties?: number;
}
interface Operation {
  requestBody?: { content: Record<string, { schema: Schema }> };
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
}

/** The smallest value that a schema takes; what has a pattern is named where it matters. */
function sampleOf(schema: Schema, name = ''): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf?.[0] !== undefined) return sampleOf(schema.anyOf[0], name);
  if (schema.type === 'object') {
    const names = schema.required ?? (schema.minProperties === undefined ? [] : Object.keys(schema.properties ?? {}).slice(0, 1));
    return Object.fromEntries(names.map((key) => [key, sampleOf(schema.properties?.[key] ?? {}, key)]));
  }
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, name));
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return victim.id;
  if (schema.format === 'email' || name === 'email') return 'somebody@example.com';
  return { role: 'member', password: attacker.password }[name] ?? 'x'.repeat(Math.max(1, schema.minLength ?? 1));
}

async function made(reply: Promise<TestReply>, what: string): Promise<TestReply['body']> {
  const { status, body } = await reply;
  if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
  return body;
}
function formOf(options?: object): FormData {
  const form = new FormData();
  form.append('file', new Blob(['mine'], { type: 'text/plain' }), 'mine.txt');
  if (options !== undefined) form.append('options', JSON.stringify(options));
  return form;
}
/** A part of a resumable upload (tus 1.0.0). */
const partHeaders = { 'content-type': 'application/offset+octet-stream', 'tus-resumable': '1.0.0', 'upload-offset': '0' };

const { tenantId } = await made(victim.send('GET', '/api/auth/me'), 'me');
const key = await made(victim.send('POST', '/api/keys/generate', { name: 'mine', permissions: ['files:read'] }), 'key');
const role = await made(victim.send('POST', `/api/teams/${tenantId}/roles/create`, { name: 'Reader', permissions: ['files:read'] }), 'role');
const invitation = await made(victim.send('POST', `/api/teams/${tenantId}/invite`, { email: 'guest@example.com', role: 'viewer' }), 'invitation');
const file = await made(victim.send('POST', '/api/files/upload', formOf({ processImmediately: false })), 'file');
const share = await made(victim.send('POST', `/api/files/${file.id}/share`, {}), 'share');
const { items: sessions } = await made(victim.send('GET', '/api/auth/sessions'), 'sessions');
const bulk = await made(victim.send('POST', '/api/users/bulk-operations', { operation: 'set-role', userIds: [victim.id], role: 'owner' }), 'bulk operation');
const exported = await made(victim.send('POST', '/api/users/account/export', {}), 'export');

const folder = await made(victim.send('POST', '/api/files/folders', { name: 'Mine' }), 'folder');
const begun = await victim.send('POST', '/api/files/tus', undefined, { 'tus-resumable': '1.0.0', 'upload-length': '4', 'upload-metadata': `filename ${btoa('mine.txt')}` });
const analysis = await made(victim.send('POST', '/api/document-intelligence/analyze', { fileId: (await made(victim.send('POST', '/api/files/upload', formOf({ processImmediately: false })), 'another file')).id }), 'analysis');
const recogniser = await made(victim.send('POST', '/api/document-intelligence/recognisers', { name: 'staff-number', pattern: 'S-[0-9]{4}' }), 'recogniser');
const ephemeral = await made(victim.send('POST', '/api/ephemeral/process', formOf()), 'ephemeral session');

const ids: Record<string, string> = { teamId: tenantId, userId: victim.id, keyId: key.id, roleId: role.id, invitationId: invitation.id, fileId: file.id, shareId: share.id, sessionId: sessions[0].id, operationId: bulk.id, exportId: exported.id, passkeyId: 'bm9ib2R5', token: 'nobodys-token', pluginId: 'nowhere', provider: 'nobody', folderId: folder.id, uploadId: begun.headers.get('location')?.split('/').at(-1) ?? '', jobId: analysis.jobId, documentId: file.id, id: recogniser.id, number: '1' };
/** Where a name means something else. */
const idOf = (path: string, name: string): string | undefined => (path.startsWith('/api/ephemeral/') && name === 'sessionId' ? ephemeral.id : ids[name]);
/** Whose parameters are no ids of anybody's: words of a public vocabulary, or tokens with tests of their own. */
const notIds = new Set(['provider', 'token', 'pluginId', 'passkeyId']);

/** Refused before the id is looked at. */
const forOperators = new Set(['DELETE /api/users/{userId}/impersonate']);

/** What the victim sees of their own; what looking itself changes is left out. */
async function everything(): Promise<unknown> {
  const paths = ['/api/auth/me', '/api/auth/sessions', '/api/keys/list', `/api/teams/${tenantId}`, `/api/teams/${tenantId}/members`, `/api/teams/${tenantId}/roles`, `/api/teams/${tenantId}/settings`, `/api/teams/${tenantId}/invitations`, `/api/files/${file.id}`, `/api/files/${file.id}/shares`, `/api/files/${file.id}/versions`, '/api/files/folders', `/api/files/tus/${ids['uploadId']}`, '/api/document-intelligence/recognisers', '/api/users/profile'];
  const seen = await Promise.all(paths.map(async (path) => (await victim.send('GET', path)).body));
  return JSON.parse(JSON.stringify(seen).replaceAll(/"(lastUsedAt|updatedAt|lastLoginAt)":"[^"]*"/g, '"$1":""'));
}

const { paths } = await made(attacker.send('GET', '/openapi.json'), 'the document') as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation, names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string) })));
const withIds = operations.filter(({ names }) => names.some((name) => !notIds.has(name)) && !names.includes('pluginId'));

t.test('ids of another tenant lead nowhere', async (t) => {
  t.equal(begun.status, 201);
  t.ok(withIds.length > 35, `${withIds.length} endpoints take ids`);
  t.strictSame(operations.flatMap(({ names }) => names).filter((name) => ids[name] === undefined), [], 'every parameter is known here');
  const before = await everything();
  const letThrough: string[] = [];
  for (const { method, path, operation, names } of withIds) {
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && parameter.required === true).map(({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(schema, name)))}`);
    const url = names.reduce((filled, name) => filled.replace(`{${name}}`, idOf(path, name) as string), path) + (query.length === 0 ? '' : `?${query.join('&')}`);
    const content = operation.requestBody?.content ?? {};
    const schema = content['application/json']?.schema;
    const payload = content['multipart/form-data'] === undefined ? (schema === undefined ? undefined : sampleOf(schema)) : formOf();
    const { status, body } = await attacker.send(method, url, content['*/*'] === undefined ? payload : 'part', path.startsWith('/api/files/tus/') ? partHeaders : {});
    if (status !== (forOperators.has(`${method} ${path}`) ? 403 : 404)) letThrough.push(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  }
  t.strictSame(letThrough, []);
  t.strictSame(await everything(), before, 'nothing has changed');
  t.match(await victim.send('GET', `/api/files/${file.id}/download`), { status: 200, body: 'mine' });
});

t.test('a team named by X-Team-Id is no way around', async (t) => {
  for (const path of ['/api/auth/me', '/api/keys/list', `/api/files/${file.id}`, '/api/users/list']) {
    t.match(await attacker.send('GET', path, undefined, { 'x-team-id': tenantId }), { status: 403, body: { error: 'FORBIDDEN' } }, path);
  }
});

t.test('fields that a client does not decide are refused, and decide nothing', async (t) => {
  const foreign = { operator: true, role: 'owner', status: 'active', tenantId, userId: victim.id, id: victim.id, emailVerifiedAt: '2020-01-01T00:00:00Z', ownerId: attacker.id, impersonatorId: null, secondFactor: true };
  const own = (await attacker.send('GET', '/api/auth/me')).body.tenantId as string;
  const bodies: [method: string, path: string, body: Record<string, unknown>][] = [
    ['POST', '/api/auth/register', { email: 'mass@example.com', password: 'Violet-Kettle-7f3a', firstName: 'M', lastName: 'A' }],
    ['POST', '/api/auth/login', { email: attacker.email, password: attacker.password }],
    ['POST', '/api/auth/refresh', { refreshToken: attacker.refreshToken }],
    ['PUT', '/api/users/profile/update', { firstName: 'Eve' }],
    ['POST', '/api/teams/create', { name: 'Team' }],
    ['PUT', `/api/teams/${own}/update`, { name: 'Team' }],
    ['PUT', `/api/teams/${own}/members/${attacker.id}/role`, { role: 'owner' }],
    ['POST', '/api/keys/generate', { name: 'key', permissions: ['files:read'] }],
  ];
  for (const [method, path, body] of bodies) {
    for (const [field, value] of Object.entries(foreign)) {
      if (Object.hasOwn(body, field)) continue;
      const reply = await attacker.send(method, path, { ...body, [field]: value });
      t.match(reply, { status: 400, body: { error: 'VALIDATION_ERROR' } }, `${method} ${path} ${field}`);
    }
  }
  t.match((await attacker.send('GET', '/api/auth/me')).body, { operator: false, firstName: 'Test', role: 'owner', tenantId: own });
  t.match(await attacker.send('POST', '/api/auth/login', { email: 'mass@example.com', password: 'Violet-Kettle-7f3a' }), { status: 401 }, 'no account was made');
});

import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { openDatabase } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { send, type TestReply, testServer, type TestUser } from '../support/server.ts';
import { TestSocket } from '../support/sockets.ts';

/** API keys against two nodes on one database, as their users see them. */

interface Signing {
  key: string;
  signingSecret: string;
  method: string;
  target: string;
  body?: string | Uint8Array;
}

/** The recipe of the documentation, run as it stands there. */
const recipe = /```js\n([\s\S]+?)```/.exec(await readFile(new URL('../../docs/api-keys.md', import.meta.url), 'utf8'))?.[1] ?? '';
const { signedHeaders } = (await import(`data:text/javascript,${encodeURIComponent(recipe)}`)) as { signedHeaders(what: Signing): Record<string, string> };

const entries = plugins.filter(({ package: name }) => name === '@proofpix/plugin-files' || name === '@proofpix/plugin-document-intelligence');
const a = await testServer(t, { entries, env: { TRUST_PROXY: '127.0.0.1' } });
const b = await testServer(t, { entries, databaseUrl: a.databaseUrl, dataDir: a.dataDir, env: { TRUST_PROXY: '127.0.0.1' } });
const database = await openDatabase({ url: a.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
t.teardown(() => database.close());
const query = (sql: string, values: unknown[] = []) => database.system((em) => statement(em, sql, values));

const owner = await a.register('owner');
const member = await a.register('member');
const stranger = await a.register('stranger');
const tenantId = String((await owner.send('GET', '/api/auth/me')).body.tenantId);
await query(`insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, 'member')`, [tenantId, member.id]);
const inTeam = { 'x-team-id': tenantId };

const generate = async (user: TestUser, change: object = {}, headers: Record<string, string> = {}) => {
  const reply = await user.send('POST', '/api/keys/generate', { name: 'ci', permissions: ['files:read', 'files:write'], ...change }, headers);
  if (reply.status !== 201) throw new Error(`generate answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body as { id: string; key: string; signingSecret: string };
};
const by = (base: string, key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestReply> => send(base, method, path, body, { 'x-api-key': key, ...headers });

/** Sends exactly these bytes. */
function sendBytes(base: string, { method, target, body = '', headers }: { method: string; target: string; body?: string | Uint8Array; headers: Record<string, string> }): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${base}${target}`, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) }, timeout: 60_000 }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function form(content: Uint8Array): { body: Uint8Array; type: string } {
  const boundary = 'boundary-of-this-test';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="options"\r\n\r\n{"processImmediately":false}\r\n--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\n`;
  return { body: Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]), type: `multipart/form-data; boundary=${boundary}` };
}

t.test('bad input, other teams and missing rights are refused', async (t) => {
  const mine = await generate(owner);
  const cases: [what: string, user: TestUser, method: string, path: string, body: unknown, status: number][] = [
    ['no name', owner, 'POST', '/api/keys/generate', { permissions: [] }, 400],
    ['no permissions', owner, 'POST', '/api/keys/generate', { name: 'x' }, 400],
    ['more than it knows', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], operator: true }, 400],
    ['a user of one’s choice', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], userId: stranger.id }, 400],
    ['a wildcard', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: ['files:*'] }, 400],
    ['51 addresses', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], addresses: Array.from({ length: 51 }, (_, at) => `10.0.0.${at}`) }, 400],
    ['an address that is none', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], addresses: ['10.0.0.0/40'] }, 400],
    ['an end in the past', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], expiresAt: '2020-01-01T00:00:00Z' }, 400],
    ['no requests at all', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: [], requestsPerMinute: 0 }, 400],
    ['a permission that is not there', owner, 'POST', '/api/keys/generate', { name: 'x', permissions: ['files:invent'] }, 403],
    ['a long overlap', owner, 'PUT', `/api/keys/${mine.id}/rotate`, { overlapSeconds: 604_801 }, 400],
    ['an id that is none', owner, 'DELETE', '/api/keys/x/revoke', undefined, 400],
    ['days that are none', owner, 'GET', `/api/keys/${mine.id}/usage?from=2026-02-30`, undefined, 400],
    ['days the wrong way round', owner, 'GET', `/api/keys/${mine.id}/usage?from=2026-02-02&to=2026-02-01`, undefined, 400],
    ['too many days', owner, 'GET', `/api/keys/${mine.id}/usage?from=2024-01-01&to=2026-02-01`, undefined, 400],
    ...[stranger, member].flatMap((user) =>
      ([
        ['PUT', 'rotate', {}],
        ['DELETE', 'revoke', undefined],
        ['GET', 'usage', undefined],
        ['POST', 'permissions', { permissions: [] }],
      ] as const).map(([method, action, body]): [string, TestUser, string, string, unknown, number] => [`${action} of somebody else’s`, user, method, `/api/keys/${mine.id}/${action}`, body, 404])),
  ];
  for (const [what, user, method, path, body, status] of cases) {
    const reply = await user.send(method, path, body);
    t.match(reply, { status, body: { error: { 400: 'VALIDATION_ERROR', 403: 'FORBIDDEN', 404: 'NOT_FOUND' }[status] ?? '' } }, what);
  }
  t.match(await member.send('PUT', `/api/keys/${mine.id}/rotate`, {}, inTeam), { status: 404 }, 'nor by a member of the same team');
  t.match(await send(a.url, 'GET', '/api/keys/list'), { status: 401 });
  t.match(await by(a.url, mine.key, 'POST', '/api/keys/generate', { name: 'x', permissions: [] }), { status: 403 }, 'a key makes no keys');
  t.match(await by(a.url, mine.key, 'POST', '/api/auth/change-password', { currentPassword: owner.password, newPassword: 'violet-Anchor-77-river' }), { status: 403 });
  const personal: [method: string, path: string, body?: object][] = [
    ['GET', '/api/auth/sessions'],
    ['DELETE', '/api/auth/sessions'],
    ['DELETE', `/api/auth/sessions/${crypto.randomUUID()}`],
    ['POST', '/api/auth/change-email', { email: 'other@example.com', password: owner.password }],
    ['GET', '/api/auth/mfa'],
    ['POST', '/api/auth/mfa/totp/enroll', { password: owner.password }],
    ['GET', '/api/auth/passkeys'],
    ['POST', '/api/auth/passkeys/register/options', { password: owner.password }],
  ];
  for (const [method, path, body] of personal) t.match(await by(a.url, mine.key, method, path, body), { status: 403 }, `a key may not ${method} ${path}`);
  t.match(await by(a.url, mine.key, 'GET', '/api/keys/list', undefined, { 'x-team-id': crypto.randomUUID() }), { status: 403 });
  t.match(await by(a.url, mine.key, 'GET', '/api/keys/list'), { status: 200, body: { items: [{ id: mine.id }], nextCursor: null } });
});

t.test('a key does what it was given, is listed without its secret, and is gone everywhere when it is revoked', async (t) => {
  const reading = await generate(member, { permissions: ['files:read'], name: 'reads' }, inTeam);
  t.match(await by(b.url, reading.key, 'GET', '/api/files/0199a000-0000-7000-8000-000000000001'), { status: 404 }, 'allowed to look');
  t.match(await by(a.url, reading.key, 'DELETE', '/api/files/0199a000-0000-7000-8000-000000000001'), { status: 403, body: { details: { permission: 'files:delete' } } });
  const listed = await owner.send('GET', '/api/keys/list');
  t.match(listed.body.items[0], { id: reading.id, name: 'reads', userId: member.id, hint: reading.key.slice(0, 16), status: 'active' });
  t.notMatch(JSON.stringify(listed.body), new RegExp(reading.key.slice(30, 50)));
  t.match(await owner.send('POST', `/api/keys/${reading.id}/permissions`, { permissions: ['files:read', 'files:delete'] }), { status: 403 });
  t.match(await owner.send('POST', `/api/keys/${reading.id}/permissions`, { permissions: [] }), { status: 200, body: { permissions: [] } });
  await until(async () => (await by(b.url, reading.key, 'GET', '/api/files/0199a000-0000-7000-8000-000000000001')).status === 403, 5_000);

  const socket = new TestSocket(t, `${b.url.replace('http', 'ws')}/ws`, { 'x-api-key': reading.key });
  await socket.next('authenticate');
  t.match(await owner.send('DELETE', `/api/keys/${reading.id}/revoke`), { status: 200, body: { status: 'revoked' } });
  t.match(await by(a.url, reading.key, 'GET', '/api/auth/me'), { status: 401, body: { error: 'UNAUTHORIZED' } });
  t.match(await socket.end(), { reason: /revoked/ });
  await until(async () => (await by(b.url, reading.key, 'GET', '/api/auth/me')).status === 401, 5_000);
});

t.test('a rotated key goes on with both secrets, and the reply is never kept', async (t) => {
  const first = await generate(owner, { permissions: ['keys:rotate'] });
  const once = { 'idempotency-key': crypto.randomUUID() };
  const [one, two] = [await owner.send('POST', '/api/keys/generate', { name: 'x', permissions: [] }, once), await owner.send('POST', '/api/keys/generate', { name: 'x', permissions: [] }, once)];
  t.not(one.body.key, two.body.key);
  const rotated = await by(a.url, first.key, 'PUT', `/api/keys/${first.id}/rotate`);
  t.match(rotated, { status: 200, body: { id: first.id, previousUntil: String } }, 'by itself, with the default overlap');
  t.match(await by(b.url, first.key, 'GET', '/api/auth/me'), { status: 200 });
  await until(async () => (await by(b.url, rotated.body.key, 'GET', '/api/auth/me')).status === 200, 5_000);
  const last = await owner.send('PUT', `/api/keys/${first.id}/rotate`, { overlapSeconds: 0 });
  t.match(await by(a.url, rotated.body.key, 'GET', '/api/auth/me'), { status: 401 });
  await until(async () => (await by(b.url, rotated.body.key, 'GET', '/api/auth/me')).status === 401, 5_000);
  t.match(await by(a.url, last.body.key, 'GET', '/api/auth/me'), { status: 200 });
});

t.test('a key is held to its addresses and its rate', async (t) => {
  const { key } = await generate(owner, { addresses: ['192.0.2.0/24', '2001:db8::/32'] });
  const from = (address: string) => by(a.url, key, 'GET', '/api/auth/me', undefined, { 'x-forwarded-for': address });
  t.match(await by(a.url, key, 'GET', '/api/auth/me'), { status: 403, body: { error: 'FORBIDDEN', details: { field: 'address' } } });
  for (const address of ['192.0.3.1', '2001:db9::1', '192.0.2.1, 198.51.100.1']) t.match(await from(address), { status: 403 }, address);
  for (const address of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::7']) t.match(await from(address), { status: 200 }, address);

  const slow = await generate(owner, { requestsPerMinute: 3 });
  const statuses: number[] = [];
  for (let at = 0; at < 5; at += 1) statuses.push((await by(a.url, slow.key, 'GET', '/api/auth/me')).status);
  t.strictSame(statuses, [200, 200, 200, 429, 429]);
  const limited = await by(a.url, slow.key, 'GET', '/api/auth/me');
  t.match(limited, { status: 429, body: { error: 'RATE_LIMIT_EXCEEDED', retryAfter: Number } });
  t.ok(Number(limited.headers.get('retry-after')) <= 60);
  t.match(await by(a.url, key, 'GET', '/api/auth/me', undefined, { 'x-forwarded-for': '192.0.2.1' }), { status: 200 }, 'others are not');
  t.match(await owner.send('GET', '/api/auth/me'), { status: 200 }, 'nor is its user');
});

t.test('signed requests: by the recipe of the documentation, once each, with the body that was signed', async (t) => {
  const { id, key, signingSecret } = await generate(owner, { signsRequests: true, permissions: ['files:read', 'files:write', 'keys:rotate'] });
  const get = { method: 'GET', target: '/api/auth/me?x=%20a' };
  t.match(await by(a.url, key, 'GET', '/api/auth/me'), { status: 401, body: { details: { field: 'headers.x-signature-timestamp' } } }, 'unsigned');
  const other = await generate(owner, { signsRequests: true });
  t.match(await sendBytes(a.url, { ...get, headers: signedHeaders({ ...get, key, signingSecret: other.signingSecret }) }), { status: 401 }, 'by another secret');

  const headers = signedHeaders({ ...get, key, signingSecret });
  t.match(await sendBytes(a.url, { ...get, target: '/api/keys/list', headers }), { status: 401 }, 'another path');
  t.match(await sendBytes(a.url, { ...get, headers }), { status: 200 });
  t.match(await sendBytes(b.url, { ...get, headers }), { status: 401, body: /made before/ }, 'again, at the other node');
  const copies = signedHeaders({ ...get, key, signingSecret });
  const statuses = (await Promise.all(Array.from({ length: 20 }, (_, at) => sendBytes(at % 2 === 0 ? a.url : b.url, { ...get, headers: copies })))).map(({ status }) => status);
  t.strictSame(statuses.toSorted(), [200, ...Array<number>(19).fill(401)]);

  const put = { method: 'PUT', target: `/api/keys/${id}/rotate`, body: '{"overlapSeconds":60}' };
  const json = { 'content-type': 'application/json' };
  t.match(await sendBytes(a.url, { ...put, body: '{"overlapSeconds":61}', headers: { ...signedHeaders({ ...put, key, signingSecret }), ...json } }), { status: 401, body: /not the one that was signed/ }, 'a kernel route with another body');
  t.match(await sendBytes(a.url, { ...put, body: '', headers: { ...signedHeaders({ ...put, key, signingSecret }), ...json } }), { status: 400 }, 'or none');
  t.match(await sendBytes(a.url, { ...get, body: 'more', headers: signedHeaders({ ...get, key, signingSecret }) }), { status: 401 }, 'a body where none was signed');
  t.match((await owner.send('GET', '/api/keys/list')).body.items.find((item: { id: string }) => item.id === id), { rotatedAt: null }, 'nothing was done');

  const upload = { method: 'POST', target: '/api/files/upload' };
  const stored = async () => (await query('select (select count(*) from kernel.files)::int as files, (select count(*) from kernel.blobs)::int as blobs'))[0];
  const before = await stored();
  for (const size of [10, 20_000_000]) {
    const content = Buffer.alloc(size, 'x');
    const { body, type } = form(content);
    const tampered = Buffer.from(body);
    tampered[body.length - 100 - (size > 100 ? 0 : -55)] = 0x79;
    const signed = { ...signedHeaders({ ...upload, body, key, signingSecret }), 'content-type': type };
    t.match(await sendBytes(a.url, { ...upload, body: tampered, headers: signed }), { status: 401, body: /not the one that was signed/ }, `an upload of ${size} bytes, one changed`);
    t.match(await sendBytes(a.url, { ...upload, body: Buffer.concat([body, Buffer.from('epilogue')]), headers: { ...signedHeaders({ ...upload, body, key, signingSecret }), 'content-type': type } }), { status: 401 }, 'or with something after its end');
    await until(async () => JSON.stringify(await stored()) === JSON.stringify(before));
    t.match(await sendBytes(b.url, { ...upload, body, headers: { ...signedHeaders({ ...upload, body, key, signingSecret }), 'content-type': type } }), { status: 201 });
    Object.assign(before as object, await stored());
  }

  const rotated = await sendBytes(a.url, { ...put, headers: { ...signedHeaders({ ...put, key, signingSecret }), ...json } });
  const next = JSON.parse(rotated.body) as { key: string; signingSecret: string };
  t.equal(rotated.status, 200);
  t.match(await sendBytes(a.url, { ...get, headers: signedHeaders({ ...get, key, signingSecret }) }), { status: 200 }, 'the old pair during the overlap');
  t.match(await sendBytes(a.url, { ...get, headers: signedHeaders({ ...get, ...next }) }), { status: 200 }, 'and the new one');
  t.match(await sendBytes(a.url, { ...get, headers: signedHeaders({ ...get, key, signingSecret: next.signingSecret }) }), { status: 401 }, 'never across');
  const socket = new TestSocket(t, `${a.url.replace('http', 'ws')}/ws`, { 'x-api-key': key });
  t.match(await socket.next('error'), { data: { error: 'UNAUTHORIZED' } }, 'and no socket');
});

t.test('use is counted by day and endpoint, at both nodes', async (t) => {
  const { id, key } = await generate(owner, { permissions: ['files:read'] });
  const today = new Date().toISOString().slice(0, 10);
  for (let at = 0; at < 3; at += 1) await by(a.url, key, 'GET', '/api/auth/me');
  await by(b.url, key, 'GET', '/api/auth/me?x=1');
  await by(a.url, key, 'GET', '/api/files/0199a000-0000-7000-8000-000000000001');
  await by(a.url, key, 'POST', '/api/keys/generate', { name: 'x', permissions: [] });
  await by(a.url, key, 'GET', '/api/nothing/here');
  const usage = async () => (await owner.send('GET', `/api/keys/${id}/usage`)).body;
  await until(async () => (await usage()).requests === 7);
  t.match(await usage(), {
    keyId: id,
    to: today,
    requests: 7,
    errors: 3,
    days: [{ day: today, requests: 7, errors: 3 }],
    endpoints: [{ endpoint: 'GET /api/auth/me', requests: 4, errors: 0 }, { endpoint: /^GET \/api\/files\/:/, requests: 1, errors: 1 }, { endpoint: 'POST /api/keys/generate', requests: 1, errors: 1 }, { endpoint: 'other', requests: 1, errors: 1 }],
  });
  t.match((await by(a.url, key, 'GET', '/api/keys/list')).body.items, [{ id, lastUsedAt: String }]);
  t.match(await by(a.url, key, 'GET', `/api/keys/${id}/usage?from=2020-01-01&to=2020-02-01`), { status: 200, body: { requests: 0, days: [], endpoints: [] } });
});

t.test('all of it is in the OpenAPI document', async (t) => {
  const { body } = await owner.send('GET', '/openapi.json');
  const operations = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`));
  t.strictSame(
    operations.filter((line) => line.includes('/api/keys/')).toSorted(),
    ['delete /api/keys/{keyId}/revoke keys.revoke', 'get /api/keys/list keys.list', 'get /api/keys/{keyId}/usage keys.usage', 'post /api/keys/generate keys.generate', 'post /api/keys/{keyId}/permissions keys.setPermissions', 'put /api/keys/{keyId}/rotate keys.rotate'],
  );
});

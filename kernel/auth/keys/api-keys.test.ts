import t from 'tap';
import { generateKey, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { until } from '../../../test/support/messaging.ts';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Identity } from '../contract.ts';
import { maxKeysPerUser } from './api-keys.ts';
import { holderOf } from './index.ts';
import { formatKey, parseKey } from './key-format.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
const forbidden = { code: 'FORBIDDEN' };
const notFound = { code: 'NOT_FOUND' };

/** A database that counts transactions. */
function counted(database: Database): Database & { transactions: number } {
  const counting = {
    ...database,
    transactions: 0,
    system: ((fn) => {
      counting.transactions += 1;
      return database.system(fn);
    }) as Database['system'],
  };
  return counting;
}

const database = counted(await testDatabase(t));
const { auth } = await testAuth(t, { database });
const { auth: otherNode } = await testAuth(t, { database });

const audited = async (tenantId: string): Promise<string[]> =>
  (await database.system((em) => statement<{ action: string }>(em, `select action from kernel.audit_entries where tenant_id = $1 and action like 'keys.%' order by sequence`, [tenantId]))).map(({ action }) => action);

/** The owner, and a member and a viewer of the same tenant. */
async function team() {
  const owner = await registerUser(auth);
  const join = async (role: string): Promise<Identity> => {
    const user = await registerUser(auth);
    await auth.members.add(owner.tenantId, user.user.id, role);
    const identity = await auth.authenticate({ authorization: user.authorization, teamId: owner.tenantId });
    if (identity === null) throw new Error('a member has an identity');
    return identity;
  };
  return { owner: owner.identity, tenantId: owner.tenantId, member: await join('member'), viewer: await join('viewer') };
}

async function identityOf(key: string, from: { address?: string } = {}): Promise<Identity> {
  const identity = await auth.authenticate({ apiKey: key, ...from });
  if (identity === null) throw new Error('a key has an identity');
  return identity;
}

t.test('a mistyped key, and one of another environment, is refused without a query', async (test) => {
  const { owner } = await team();
  const { key } = await generateKey(auth, owner);
  const parsed = parseKey(key);
  if (parsed === null) throw new Error('a generated key can be read');
  const swapped = `${key.slice(0, 20)}${key[21]}${key[20]}${key.slice(22)}`;
  const before = database.transactions;
  for (const wrong of [key.slice(0, -1), `${key}0`, key.toUpperCase(), `${key.slice(0, 40)}${key[40] === 'a' ? 'b' : 'a'}${key.slice(41)}`, ...(swapped === key ? [] : [swapped])]) {
    await test.rejects(auth.authenticate({ apiKey: wrong }), { ...unauthorized, message: /mistyped/ });
  }
  await test.rejects(auth.authenticate({ apiKey: formatKey({ ...parsed, environment: 'test' }) }), { ...unauthorized, message: /environment test/ });
  test.equal(database.transactions, before);
  await test.rejects(auth.authenticate({ apiKey: formatKey({ ...parsed, secret: '1'.repeat(43) }) }), { ...unauthorized, message: 'The API key is not valid.' });
  test.equal((await identityOf(key)).principal.userId, owner.principal.userId);
  const warm = database.transactions;
  await identityOf(key);
  test.equal(database.transactions, warm, 'nor does a good one, once it is known');
});

t.test('nobody gives a key more than they have, and a demoted user’s key has less', async (test) => {
  const { owner, member, viewer, tenantId } = await team();
  for (const permissions of [['files:delete'], ['files:read', 'files:delete'], ['files:*'], ['files:invented'], ['nothing:there']]) {
    await test.rejects(generateKey(auth, viewer, { permissions }), { ...forbidden, details: { field: 'body.permissions' } }, permissions.join());
  }
  const { key, id, ...made } = await generateKey(auth, owner, { permissions: ['files:read', 'files:read', 'files:delete'] });
  test.match(made, { permissions: ['files:read', 'files:delete'], signingSecret: null, status: 'active', lastUsedAt: null });
  test.equal(await auth.can(await identityOf(key), 'files:delete'), true);
  test.equal(await auth.can(await identityOf(key), 'keys:create'), false, 'beyond its scope');
  const userId = owner.principal.userId ?? '';
  test.match(await auth.identityOf(userId, tenantId, id), { principal: { kind: 'api-key' }, scope: ['files:read', 'files:delete'] }, 'work that it began stays within it');
  test.equal(await auth.identityOf(member.principal.userId ?? '', tenantId, id), null);
  await auth.apiKeys.setPermissions(holderOf(owner), id, ['files:read'], testCaller);
  test.equal(await auth.can(await identityOf(key), 'files:delete'), false);
  await until(async () => (await otherNode.authenticate({ apiKey: key }))?.scope?.length === 1);

  await auth.members.setRole(tenantId, member.principal.userId ?? '', 'admin');
  const promoted = { ...member, role: 'admin' };
  const powerful = await generateKey(auth, promoted, { permissions: ['files:delete'] });
  test.equal(await auth.can(await identityOf(powerful.key), 'files:delete'), true);
  await otherNode.authenticate({ apiKey: powerful.key });
  await auth.members.setRole(tenantId, member.principal.userId ?? '', 'viewer');
  test.equal(await auth.can(await identityOf(powerful.key), 'files:delete'), false, 'never more than its user');
  await until(async () => (await otherNode.authenticate({ apiKey: powerful.key }))?.role === 'viewer');
  await auth.members.remove(tenantId, member.principal.userId ?? '');
  await test.rejects(auth.authenticate({ apiKey: powerful.key }), unauthorized);
});

t.test('a key knows itself only, never more, and nobody makes keys in another’s name', async (test) => {
  const { owner } = await team();
  const made = await generateKey(auth, owner, { permissions: ['keys:create', 'keys:read-all', 'keys:manage-all', 'files:read'] });
  const second = await generateKey(auth, owner);
  const asKey = holderOf(await identityOf(made.key));
  test.equal(asKey.principal.operator, false);
  await test.rejects(generateKey(auth, asKey), forbidden);
  await test.rejects(auth.apiKeys.setPermissions(asKey, made.id, [], testCaller), forbidden);
  await test.rejects(auth.apiKeys.rotate(asKey, made.id, 0, testCaller), { ...forbidden, details: { permission: 'keys:rotate' } });
  await test.rejects(auth.apiKeys.rotate(asKey, second.id, 0, testCaller), notFound);
  await test.rejects(auth.apiKeys.revoke(asKey, second.id, testCaller), notFound);
  await test.rejects(auth.apiKeys.usage(asKey, second.id, '2026-01-01', '2026-01-02'), notFound);
  test.strictSame((await auth.apiKeys.list(asKey, { limit: 10, cursor: null, mine: false, includeRevoked: true })).items.map(({ id }) => id), [made.id]);
  const impersonated = { ...owner, impersonatorId: owner.principal.userId };
  await test.rejects(generateKey(auth, impersonated), forbidden);
  await test.rejects(auth.apiKeys.revoke(holderOf(impersonated), made.id, testCaller), forbidden);
  test.throws(() => holderOf({ ...owner, tenantId: null }), forbidden);
  test.match(await auth.apiKeys.revoke(asKey, made.id, testCaller), { status: 'revoked' }, 'it may end itself');
  const rotating = await generateKey(auth, owner, { permissions: ['keys:rotate'] });
  const next = await auth.apiKeys.rotate(holderOf(await identityOf(rotating.key)), rotating.id, 60, testCaller);
  test.equal((await identityOf(next.key)).credentialId, rotating.id, 'and rotate itself where it was told so');
});

t.test('keys of others are seen and narrowed by administrators, widened and rotated by their user alone', async (test) => {
  const { owner, member, viewer, tenantId } = await team();
  const stranger = await team();
  const key = await generateKey(auth, member, { permissions: ['files:read'] });
  const all = { limit: 10, cursor: null, mine: false, includeRevoked: false };
  for (const other of [viewer, stranger.owner]) {
    await test.rejects(auth.apiKeys.rotate(holderOf(other), key.id, 0, testCaller), notFound);
    await test.rejects(auth.apiKeys.revoke(holderOf(other), key.id, testCaller), notFound);
    await test.rejects(auth.apiKeys.setPermissions(holderOf(other), key.id, [], testCaller), notFound);
    await test.rejects(auth.apiKeys.usage(holderOf(other), key.id, '2026-01-01', '2026-01-02'), notFound);
    test.strictSame((await auth.apiKeys.list(holderOf(other), all)).items, []);
  }
  test.strictSame((await auth.apiKeys.list(holderOf(owner), { ...all, mine: true })).items, []);
  const [seen] = (await auth.apiKeys.list(holderOf(owner), all)).items;
  test.match(seen, { id: key.id, userId: member.principal.userId, hint: key.key.slice(0, 16) });
  test.notMatch(JSON.stringify(seen), new RegExp(key.key.slice(30)), 'without its secret');
  await test.rejects(auth.apiKeys.rotate(holderOf(owner), key.id, 0, testCaller), forbidden);
  await test.rejects(auth.apiKeys.setPermissions(holderOf(owner), key.id, ['files:read', 'files:delete'], testCaller), { ...forbidden, details: { permission: 'files:delete' } });
  await test.rejects(auth.apiKeys.setPermissions(holderOf(member), key.id, ['files:delete'], testCaller), forbidden);
  test.match(await auth.apiKeys.setPermissions(holderOf(owner), key.id, [], testCaller), { permissions: [] });
  test.match(await auth.apiKeys.setPermissions(holderOf(member), key.id, ['files:read'], testCaller), { permissions: ['files:read'] });
  test.match(await auth.apiKeys.revoke(holderOf(owner), key.id, testCaller), { status: 'revoked', revokedAt: String });
  await test.rejects(auth.authenticate({ apiKey: key.key }), unauthorized);
  await test.rejects(auth.apiKeys.setPermissions(holderOf(member), key.id, [], testCaller), { code: 'CONFLICT' });
  await test.rejects(auth.apiKeys.rotate(holderOf(member), key.id, 0, testCaller), { code: 'CONFLICT' });
  test.match(await auth.apiKeys.revoke(holderOf(owner), key.id, testCaller), { status: 'revoked' }, 'again is no error');
  test.strictSame(await audited(tenantId), ['keys.generated', 'keys.permissions-changed', 'keys.permissions-changed', 'keys.revoked'], 'and no others');
});

t.test('after a rotation both secrets are good for a while, then one', async (test) => {
  const { owner, tenantId } = await team();
  const first = await generateKey(auth, owner);
  await otherNode.authenticate({ apiKey: first.key });
  const second = await auth.apiKeys.rotate(holderOf(owner), first.id, 3600, testCaller);
  test.match(second, { id: first.id, hint: first.hint, previousUntil: String, rotatedAt: String });
  test.not(second.key, first.key);
  await identityOf(first.key);
  await identityOf(second.key);
  const third = await auth.apiKeys.rotate(holderOf(owner), first.id, 3600, testCaller);
  await test.rejects(auth.authenticate({ apiKey: first.key }), unauthorized, 'two rotations ago');
  await identityOf(second.key);
  await database.system((em) => statement(em, `update kernel.api_keys set previous_until = now() + interval '1 second' where id = $1`, [first.id]));
  await auth.apiKeys.setPermissions(holderOf(owner), first.id, [], testCaller);
  await until(() => auth.authenticate({ apiKey: second.key }).then(() => false, () => true));
  await until(() => otherNode.authenticate({ apiKey: second.key }).then(() => false, () => true));
  await identityOf(third.key);
  const heard: unknown[] = [];
  otherNode.onRevoked((what) => heard.push(what));
  const last = await auth.apiKeys.rotate(holderOf(owner), first.id, 0, testCaller);
  await test.rejects(auth.authenticate({ apiKey: third.key }), unauthorized, 'without an overlap at once');
  await until(() => heard.length > 0);
  await test.rejects(otherNode.authenticate({ apiKey: third.key }), unauthorized);
  test.match(heard, [{ credentialId: first.id }], 'and its sockets close');
  await identityOf(last.key);
  test.strictSame(await audited(tenantId), ['keys.generated', 'keys.rotated', 'keys.rotated', 'keys.permissions-changed', 'keys.rotated']);
});

t.test('a key is good from its addresses only', async (test) => {
  const { owner } = await team();
  await test.rejects(generateKey(auth, owner, { addresses: ['10.0.0.0/33'] }), { code: 'VALIDATION_ERROR' });
  await test.rejects(generateKey(auth, owner, { addresses: ['example.com'] }), { code: 'VALIDATION_ERROR' });
  const { key } = await generateKey(auth, owner, { addresses: ['192.0.2.0/24', '2001:db8::/32', '203.0.113.7'] });
  for (const address of ['192.0.3.1', '2001:db9::1', '203.0.113.8', '::ffff:192.0.3.1', 'unknown', '']) await test.rejects(auth.authenticate({ apiKey: key, address }), forbidden, address);
  await test.rejects(auth.authenticate({ apiKey: key }), forbidden, 'from nowhere');
  for (const address of ['192.0.2.77', '::ffff:192.0.2.77', '2001:db8:1::9', '203.0.113.7']) await identityOf(key, { address });
});

t.test('expired keys end, past ends and too many keys are refused', async (test) => {
  const { owner, tenantId } = await team();
  await test.rejects(generateKey(auth, owner, { expiresAt: new Date(Date.now() - 1) }), { code: 'VALIDATION_ERROR' });
  const soon = await generateKey(auth, owner, { expiresAt: new Date(Date.now() + 1_500) });
  await identityOf(soon.key);
  await until(() => auth.authenticate({ apiKey: soon.key }).then(() => false, () => true));
  test.match((await auth.apiKeys.list(holderOf(owner), { limit: 10, cursor: null, mine: true, includeRevoked: false })).items, [{ status: 'expired' }]);
  await database.system((em) =>
    statement(em, `insert into kernel.api_keys (id, tenant_id, user_id, name, hash, scope) select gen_random_uuid(), $1, $2, 'many', '\\x00', '[]' from generate_series(1, $3)`, [tenantId, owner.principal.userId, maxKeysPerUser - 1]));
  const results = await Promise.allSettled([generateKey(auth, owner), generateKey(auth, owner), generateKey(auth, owner)]);
  test.equal(results.filter(({ status }) => status === 'fulfilled').length, 1, 'the bound holds at once');
  const ids = new Set<string>();
  let cursor: string | null = null;
  do {
    const page = await auth.apiKeys.list(holderOf(owner), { limit: 40, cursor, mine: false, includeRevoked: false });
    for (const { id } of page.items) ids.add(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  test.equal(ids.size, maxKeysPerUser + 1, 'each page goes on where the last one ended');
});

t.test('use is counted by day and endpoint, from all nodes, within bounds', async (test) => {
  const { owner, tenantId } = await team();
  const { id } = await generateKey(auth, owner);
  const today = new Date().toISOString().slice(0, 10);
  const use = (endpoint: string | null, isError = false) => ({ tenantId, keyId: id, endpoint, isError });
  for (let at = 0; at < 5; at += 1) auth.keyRequests.count(use('GET /api/a'));
  auth.keyRequests.count(use('GET /api/b', true));
  auth.keyRequests.count(use(null, true));
  for (let at = 0; at < 300; at += 1) otherNode.keyRequests.count(use(`GET /api/many/${at}`));
  await otherNode.close();
  const report = await auth.apiKeys.usage(holderOf(owner), id, today, today);
  test.match(report, { requests: 307, errors: 2, days: [{ day: today, requests: 307, errors: 2 }] });
  test.match(report.endpoints.slice(0, 1), [{ endpoint: 'other', requests: 101, errors: 1 }], 'what is beyond 200 endpoints');
  test.match(report.endpoints.find(({ endpoint }) => endpoint === 'GET /api/b'), { requests: 1, errors: 1 });
  auth.keyRequests.count(use('GET /api/a'));
  test.match(await auth.apiKeys.usage(holderOf(owner), id, today, today), { requests: 308 }, 'counts are written once');
  test.match(await auth.apiKeys.usage(holderOf(owner), id, '2020-01-01', '2020-01-02'), { requests: 0, days: [], endpoints: [] });
  const [key] = (await auth.apiKeys.list(holderOf(owner), { limit: 1, cursor: null, mine: true, includeRevoked: false })).items;
  test.match(key, { lastUsedAt: String });
});

t.test('a nonce is good once, also at the same moment', async (test) => {
  const { owner } = await team();
  const { id } = await generateKey(auth, owner, { signsRequests: true });
  const nonce = 'once-and-never-again';
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => auth.keyRequests.spendNonce(id, nonce)));
  test.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  await database.system((em) => statement(em, `update kernel.request_nonces set expires_at = now() - interval '1 second' where key_id = $1`, [id]));
  await auth.sweep();
  const left = await database.system((em) => statement(em, 'select 1 from kernel.request_nonces where key_id = $1', [id]));
  test.equal(left.length, 0, 'and forgotten when its time is over');
});

import { decodeJwt } from 'jose';
import { unzipSync, strFromU8 } from 'fflate';
import { Client } from 'pg';
import sharp from 'sharp';
import t from 'tap';
import { plugins } from '../../config/plugins.ts';
import { testCluster } from '../support/cluster.ts';
import { until } from '../support/messaging.ts';
import { send, testServer, type TestReply, type TestUser } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';

t.setTimeout(120_000);

const operatorPair = { email: 'operator@example.com', password: 'Lighthouse-tangerine-42' };
const server = await testServer(t, { entries: plugins, env: { OPERATOR_EMAIL: operatorPair.email, OPERATOR_PASSWORD: operatorPair.password, ACCOUNT_GRACE_DAYS: '0' } });
// a superuser: only that sees whatever is left of somebody, in every table
const { admin } = await testCluster();
const db = new Client({ host: admin.host, port: admin.port, user: admin.user, password: String(admin.password), database: new URL(server.databaseUrl).pathname.slice(1) });
await db.connect();
await admin.end();
t.teardown(() => db.end());

const tenantOf = async (user: TestUser): Promise<string> => (await user.send('GET', '/api/auth/me')).body.tenantId;
const sendAs = (token: string) => (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestReply> => send(server.url, method, path, body, { authorization: `Bearer ${token}`, ...headers });
const login = async (pair: { email: string; password: string }): Promise<string> => (await send(server.url, 'POST', '/api/auth/login', pair)).body.accessToken;
const operator = sendAs(await login(operatorPair));
const operatorId: string = (await operator('GET', '/api/auth/me')).body.id;

/** Adds a member past the invitation: what is tested here begins after it. */
async function join(team: TestUser, member: TestUser, role: string): Promise<string> {
  const tenantId = await tenantOf(team);
  await db.query(`insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, $3)`, [tenantId, member.id, role]);
  return tenantId;
}

async function audited(action: string, target: string): Promise<{ actor: { userId: string; impersonatorId: string | null }; details: Record<string, unknown>; tenantId: string | null }[]> {
  const { rows } = await db.query<{ entry: string }>('select entry from kernel.audit_entries where action = $1 order by at', [action]);
  return rows.map(({ entry }) => JSON.parse(entry)).filter((entry) => entry.target === target);
}

function form(content: Uint8Array, type: string, name = 'me.png'): FormData {
  const data = new FormData();
  data.append('avatar', new Blob([Uint8Array.from(content)], { type }), name);
  return data;
}

t.test('a profile is one’s own, and changes by what is given', async (t) => {
  const user = await server.register();
  t.equal((await send(server.url, 'GET', '/api/users/profile')).status, 401);
  t.match(await user.send('PUT', '/api/users/profile/update', { operator: true }), { status: 400 });
  t.match(await user.send('PUT', '/api/users/profile/update', { email: 'other@example.com' }), { status: 400 });
  t.match(await user.send('PUT', '/api/users/profile/update', { firstName: 'A\u202eB' }), { status: 400, body: { details: { field: 'body.firstName' } } });
  t.match(await user.send('PUT', '/api/users/profile/update', { firstName: 'Ada', jobTitle: 'Archivist', bio: 'Likes paper.' }), { status: 200, body: { id: user.id, firstName: 'Ada', lastName: 'User', jobTitle: 'Archivist', phone: null } });
  t.match(await user.send('PUT', '/api/users/profile/update', { bio: null }), { status: 200, body: { bio: null, jobTitle: 'Archivist' } });
  t.match((await user.send('GET', '/api/users/profile')).body, { email: user.email, firstName: 'Ada', operator: false, eraseAt: null, avatarUrl: null });
  t.match(await audited('users.profile-updated', user.id), [{ details: { fields: ['firstName', 'jobTitle', 'bio'] } }, { details: { fields: ['bio'] } }]);
});

t.test('preferences follow the person from team to team', async (t) => {
  const [user, other] = [await server.register(), await server.register()];
  const teamId = await join(other, user, 'member');
  t.match(await user.send('PUT', '/api/users/preferences/update', { shoeSize: 43 }), { status: 400 });
  t.match(await user.send('PUT', '/api/users/preferences/update', { notifications: { fax: true } }), { status: 400 });
  t.match(await user.send('PUT', '/api/users/preferences/update', { timeZone: 'Mars/Base' }), { status: 400, body: { details: { field: 'body.timeZone' } } });
  t.match((await user.send('PUT', '/api/users/preferences/update', { theme: 'dark', timeZone: 'Europe/Lisbon', notifications: { email: false } })).body, { id: user.id, preferences: { theme: 'dark', notifications: { email: false, browser: true } } });
  t.match((await user.send('GET', '/api/users/preferences', undefined, { 'x-team-id': teamId })).body, { preferences: { theme: 'dark', timeZone: 'Europe/Lisbon', notifications: { email: false } } });
  t.match((await user.send('PUT', '/api/users/preferences/update', { theme: null, notifications: null })).body, { preferences: { theme: 'system', timeZone: 'Europe/Lisbon', notifications: { email: true } } });
  t.match((await other.send('GET', '/api/users/preferences')).body, { preferences: { timeZone: 'UTC' } }, 'of nobody else');
});

t.test('a picture is decoded, cut and stripped; lies and bombs are refused', async (t) => {
  const [user, mate, stranger] = [await server.register(), await server.register(), await server.register()];
  const teamId = await join(mate, user, 'viewer');
  t.match(await user.send('POST', '/api/users/avatar/upload', form(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/png')), { status: 400, body: { error: 'IMAGE_UNSUPPORTED' } });
  t.match(await user.send('POST', '/api/users/avatar/upload', form(Buffer.alloc(8_388_609), 'image/png')), { status: 413 });
  t.equal((await user.send('GET', `/api/users/${user.id}/avatar`)).status, 404);
  const original = await sharp({ create: { width: 300, height: 200, channels: 3, background: 'teal' } }).withExif({ IFD0: { Artist: 'Ada Secret' } }).jpeg().toBuffer();
  const made = await user.send('POST', '/api/users/avatar/upload', form(original, 'image/jpeg'));
  t.match(made, { status: 201, body: { avatarUrl: new RegExp(`^/api/users/${user.id}/avatar\\?v=`) } });

  const fetchAvatar = (who: TestUser, query: string, headers: Record<string, string> = {}) => fetch(`${server.url}/api/users/${user.id}/avatar${query}`, { headers: { authorization: `Bearer ${who.accessToken}`, ...headers } });
  const large = await fetchAvatar(user, '');
  t.match(Object.fromEntries(large.headers), { 'content-type': 'image/webp', 'cache-control': /private/, 'x-content-type-options': 'nosniff' });
  t.match(await sharp(Buffer.from(await large.arrayBuffer())).metadata(), { format: 'webp', width: 256, height: 256 });
  t.match(await sharp(Buffer.from(await (await fetchAvatar(user, '?size=40')).arrayBuffer())).metadata(), { width: 64 });
  const again = await fetchAvatar(user, '', { 'if-none-match': large.headers.get('etag') ?? '' });
  t.equal(again.status, 304);
  t.equal((await fetchAvatar(mate, '', { 'x-team-id': teamId })).status, 200, 'a member of the team sees it');
  t.equal((await fetchAvatar(stranger, '')).status, 404, 'nobody else does');
  t.equal((await user.send('DELETE', '/api/users/avatar')).status, 204);
  t.equal((await fetchAvatar(user, '')).status, 404);
});

t.test('lists show the team to its admins, and everybody to operators', async (t) => {
  const [owner, member, stranger] = [await server.register('lister'), await server.register('zora'), await server.register('elsewhere')];
  await join(owner, member, 'member');
  t.match(await member.send('GET', '/api/users/list', undefined, { 'x-team-id': await tenantOf(owner) }), { status: 403, body: { details: { permission: 'users:list' } } });
  t.match(await owner.send('GET', '/api/users/list?scope=deployment'), { status: 403 });
  const all = (await owner.send('GET', '/api/users/list?sort=email')).body;
  t.same(all.items.map(({ id, role }: { id: string; role: string }) => [id, role]), [[owner.id, 'owner'], [member.id, 'member']]);
  const first = (await owner.send('GET', '/api/users/list?sort=email&order=desc&limit=1')).body;
  t.equal(first.items[0].id, member.id);
  t.same((await owner.send('GET', `/api/users/list?sort=email&order=desc&limit=1&cursor=${first.nextCursor}`)).body.items[0].id, owner.id);
  t.match(await owner.send('GET', '/api/users/list?cursor=WyJ4Il0'), { status: 400 });
  t.match(await owner.send('GET', `/api/users/list?sort=createdAt&cursor=${first.nextCursor}`), { status: 400 }, 'a cursor of another order');
  for (const sort of ['name', 'createdAt']) {
    const one = (await owner.send('GET', `/api/users/list?sort=${sort}&limit=1`)).body;
    const two = (await owner.send('GET', `/api/users/list?sort=${sort}&limit=1&cursor=${one.nextCursor}`)).body;
    t.same([one.items[0].id, two.items[0].id].toSorted(), [owner.id, member.id].toSorted(), sort);
    t.equal(two.nextCursor, null);
  }
  t.same((await owner.send('GET', '/api/users/list?search=zor')).body.items.length, 1);
  t.same((await owner.send('GET', '/api/users/list?search=zor%25')).body.items.length, 0, 'a sign of LIKE is a letter');
  t.same((await owner.send('GET', '/api/users/list?role=owner')).body.items.length, 1);
  t.same((await owner.send('GET', '/api/users/list?search=elsewhere')).body.items, [], 'people of other teams are not found');
  const everybody = (await operator('GET', '/api/users/list?scope=deployment&search=elsewhere')).body.items;
  t.match(everybody, [{ id: stranger.id, role: null }]);
});

t.test('suspending ends sessions, keys and sockets at once', async (t) => {
  const [owner, member, stranger] = [await server.register(), await server.register(), await server.register()];
  const teamId = await join(owner, member, 'admin');
  const inTeam = { 'x-team-id': teamId };
  t.equal((await owner.send('PUT', `/api/users/${stranger.id}/status`, { status: 'suspended' })).status, 404, 'another team’s id');
  t.equal((await member.send('PUT', `/api/users/${owner.id}/status`, { status: 'suspended' }, inTeam)).status, 403, 'who holds more');
  t.equal((await owner.send('PUT', `/api/users/${owner.id}/status`, { status: 'suspended' })).status, 409, 'oneself');
  t.equal((await owner.send('PUT', `/api/users/${member.id}/status`, { status: 'suspended', scope: 'account' })).status, 403);
  t.equal((await stranger.send('PUT', `/api/users/${member.id}/status`, { status: 'suspended' })).status, 404);

  t.match((await owner.send('PUT', `/api/users/${member.id}/status`, { status: 'suspended', reason: 'Left the project.' })).body, { id: member.id, scope: 'team', changed: true });
  t.equal((await member.send('GET', '/api/users/profile', undefined, inTeam)).status, 403, 'shut out of the team');
  t.equal((await member.send('GET', '/api/users/profile')).status, 200, 'and of no other');
  t.match((await owner.send('GET', '/api/users/list?status=suspended')).body.items, [{ id: member.id, status: 'suspended' }]);
  t.match((await owner.send('PUT', `/api/users/${member.id}/status`, { status: 'suspended' })).body, { changed: false });
  t.match((await owner.send('PUT', `/api/users/${member.id}/status`, { status: 'active' })).body, { changed: true });
  t.equal((await member.send('GET', '/api/users/profile', undefined, inTeam)).status, 200);
  t.match(await audited('users.membership-suspended', member.id), [{ tenantId: teamId, actor: { userId: owner.id }, details: { reason: 'Left the project.' } }]);

  const socket = await openSocket(server.url, member.accessToken);
  t.teardown(() => socket.close());
  t.match((await operator('PUT', `/api/users/${member.id}/status`, { status: 'suspended' })).body, { scope: 'account', changed: true });
  await socket.next('disconnect');
  t.equal((await member.send('GET', '/api/users/profile')).status, 401);
  t.equal((await send(server.url, 'POST', '/api/auth/refresh', { refreshToken: member.refreshToken })).status, 401);
  t.equal((await send(server.url, 'POST', '/api/auth/login', { email: member.email, password: member.password })).status, 401);
  await operator('PUT', `/api/users/${member.id}/status`, { status: 'active' });
  t.match(await send(server.url, 'POST', '/api/auth/login', { email: member.email, password: member.password }), { status: 200 });
});

t.test('an operator acts for a user for a while, marked everywhere, and without their own rights', async (t) => {
  const user = await server.register();
  const reason = 'Ticket 4711: upload fails';
  t.equal((await user.send('POST', `/api/users/${operatorId}/impersonate`, { reason })).status, 403);
  t.equal((await operator('POST', `/api/users/${operatorId}/impersonate`, { reason })).status, 409, 'oneself');
  t.equal((await operator('POST', `/api/users/${crypto.randomUUID()}/impersonate`, { reason })).status, 404);
  t.equal((await operator('POST', `/api/users/${user.id}/impersonate`, {})).status, 400, 'a reason is asked for');
  const begun = await operator('POST', `/api/users/${user.id}/impersonate`, { reason });
  t.match(begun, { status: 201, body: { userId: user.id, expiresIn: 900 } });
  t.notOk('refreshToken' in begun.body);
  const claims = decodeJwt(begun.body.accessToken);
  t.match(claims, { sub: user.id, act: { sub: operatorId } });
  t.equal((claims.exp ?? 0) - (claims.iat ?? 0), 900);
  t.same((await db.query(`select recipient from kernel.mails where purpose = 'impersonation-started'`)).rows, [{ recipient: user.email }]);

  const acting = sendAs(begun.body.accessToken);
  t.match((await acting('PUT', '/api/users/profile/update', { jobTitle: 'Tester' })).body, { id: user.id, jobTitle: 'Tester' });
  t.match(await audited('users.profile-updated', user.id), [{ actor: { userId: user.id, impersonatorId: operatorId } }]);
  t.match((await user.send('GET', `/api/users/${user.id}/activity?action=users.*`)).body.items, [{ action: 'users.profile-updated', impersonatorId: operatorId }]);
  t.match(await audited('users.impersonation-started', user.id), [{ actor: { userId: operatorId }, details: { reason } }, { actor: { userId: operatorId }, details: { reason } }], 'in the team’s log and the deployment’s');
  for (const [method, path, body] of [
    ['DELETE', '/api/users/account', { password: user.password }],
    ['POST', '/api/users/account/export', undefined],
    ['POST', `/api/users/${crypto.randomUUID()}/impersonate`, { reason }],
    ['POST', '/api/auth/change-password', { currentPassword: user.password, newPassword: 'Another-good-one-77' }],
    ['GET', '/api/users/list?scope=deployment', undefined],
    ['POST', '/api/keys/generate', { name: 'k', permissions: ['files:read'] }],
    ['POST', '/api/auth/mfa/totp/enroll', {}],
    ['POST', '/api/auth/change-email', { email: 'new@example.com', password: user.password }],
  ] as const) t.equal((await acting(method, path, body)).status, 403, `${method} ${path}`);
  t.equal((await acting('DELETE', `/api/users/${user.id}/impersonate`)).status, 204);
  t.equal((await acting('GET', '/api/users/profile')).status, 401, 'over');
  t.equal((await user.send('GET', '/api/users/profile')).status, 200, 'the user’s own session lives');

  const second = (await operator('POST', `/api/users/${user.id}/impersonate`, { reason })).body;
  t.equal((await user.send('DELETE', `/api/users/${user.id}/impersonate`)).status, 403);
  t.equal((await operator('DELETE', `/api/users/${user.id}/impersonate`)).status, 204);
  t.equal((await sendAs(second.accessToken)('GET', '/api/users/profile')).status, 401);
});

t.test('activity is one’s own, or what an admin may see of the team', async (t) => {
  const [owner, member, stranger] = [await server.register(), await server.register(), await server.register()];
  const teamId = await join(owner, member, 'member');
  await member.send('PUT', '/api/users/profile/update', { jobTitle: 'Elsewhere' });
  await member.send('PUT', '/api/users/profile/update', { jobTitle: 'Here' }, { 'x-team-id': teamId });
  t.equal((await stranger.send('GET', `/api/users/${member.id}/activity`)).status, 404);
  t.equal((await member.send('GET', `/api/users/${owner.id}/activity`, undefined, { 'x-team-id': teamId })).status, 403);
  const seen = (await owner.send('GET', `/api/users/${member.id}/activity`)).body.items;
  t.same(seen.map(({ teamId: of, action }: { teamId: string; action: string }) => [of, action]), [[teamId, 'users.profile-updated']], 'what was done in the team, and nothing else');
  const own = (await member.send('GET', `/api/users/${member.id}/activity?action=users.profile-updated&limit=1`)).body;
  t.equal(own.items.length, 1);
  t.equal((await member.send('GET', `/api/users/${member.id}/activity?action=users.profile-updated&limit=1&cursor=${own.nextCursor}`)).body.items.length, 1);
  t.equal((await member.send('GET', `/api/users/${member.id}/activity?to=2020-01-01T00:00:00Z`)).body.items.length, 0);
});

t.test('a bulk operation does each row with the rights of who asked', async (t) => {
  const [owner, member, stranger] = [await server.register(), await server.register(), await server.register()];
  const teamId = await join(owner, member, 'member');
  t.equal((await member.send('POST', '/api/users/bulk-operations', { operation: 'suspend', userIds: [owner.id] }, { 'x-team-id': teamId })).status, 403);
  t.equal((await owner.send('POST', '/api/users/bulk-operations', { operation: 'suspend', userIds: [] })).status, 400);
  t.equal((await owner.send('POST', '/api/users/bulk-operations', { operation: 'set-role', userIds: [member.id] })).status, 400);
  const run = async (body: object) => {
    const { status, body: made } = await owner.send('POST', '/api/users/bulk-operations', body);
    t.equal(status, 202);
    await until(async () => (await owner.send('GET', `/api/users/bulk-operations/${made.id}`)).body.state === 'completed');
    return { summary: (await owner.send('GET', `/api/users/bulk-operations/${made.id}`)).body, results: (await owner.send('GET', `/api/users/bulk-operations/${made.id}/results`)).body.items };
  };
  const socket = await openSocket(server.url, owner.accessToken);
  t.teardown(() => socket.close());
  const promoted = await run({ operation: 'set-role', role: 'viewer', userIds: [member.id, stranger.id, owner.id] });
  t.match(promoted.summary, { total: 3, succeeded: 1, failed: 2, pending: 0 });
  t.match(promoted.results, [{ userId: member.id, state: 'succeeded' }, { userId: stranger.id, state: 'failed', error: { code: 'NOT_FOUND' } }, { userId: owner.id, state: 'failed', error: { code: 'CONFLICT' } }]);
  t.match(await socket.next('team:role-changed'), { userId: member.id, before: 'member', after: 'viewer' });
  t.match((await run({ operation: 'suspend', userIds: [member.id] })).summary, { succeeded: 1 });
  t.match((await run({ operation: 'suspend', userIds: [member.id] })).summary, { unchanged: 1 });
  t.match((await run({ operation: 'remove-from-team', userIds: [member.id] })).summary, { succeeded: 1 });
  t.match(await socket.next('team:member-left'), { userId: member.id });
  t.equal((await stranger.send('GET', `/api/users/bulk-operations/${crypto.randomUUID()}`)).status, 404);
});

t.test('an export has everything, and an erasure leaves nothing', async (t) => {
  const [user, mate] = [await server.register('quixotic'), await server.register()];
  const teamId = await join(mate, user, 'member');
  const ownTeam = await tenantOf(user);
  await user.send('PUT', '/api/users/profile/update', { firstName: 'Xanthippe', lastName: 'Quibblesworth', bio: 'Collects vowels.' });
  const upload = async (name: string, headers: Record<string, string> = {}): Promise<string> => {
    const data = new FormData();
    data.append('file', new Blob([`content of ${name}`], { type: 'text/plain' }), name);
    data.append('options', JSON.stringify({ processImmediately: false }));
    return (await user.send('POST', '/api/files/upload', data, headers)).body.id;
  };
  const [first, second] = [await upload('Quibblesworth-notes.txt'), await upload('../../evil.txt')];
  const shared = await upload('shared.txt', { 'x-team-id': teamId });

  const inviting = await tenantOf(mate);
  t.equal((await mate.send('PUT', `/api/teams/${inviting}/billing`, { name: 'Xanthippe Quibblesworth', email: user.email })).status < 500, true);
  const invited = await server.register('inviter');
  t.equal((await invited.send('POST', `/api/teams/${await tenantOf(invited)}/invite`, { email: user.email, role: 'member' })).status, 201);

  const started = await user.send('POST', '/api/users/account/export');
  t.equal(started.status, 202);
  const path = `/api/users/account/export/${started.body.id}`;
  t.equal((await mate.send('GET', path)).status, 404);
  await until(async () => (await user.send('GET', path)).body.state === 'completed');
  const { downloadUrl } = (await user.send('GET', path)).body;
  const reply = await fetch(`${server.url}${downloadUrl}`, { headers: { authorization: `Bearer ${user.accessToken}` } });
  t.match(reply.headers.get('content-disposition'), /attachment; filename="?personal-data-/);
  const files = unzipSync(new Uint8Array(await reply.arrayBuffer()));
  t.same(Object.keys(files).toSorted(), ['README.txt', 'account.json', 'activity.jsonl', `plugins/files/${first}/Quibblesworth-notes.txt`, `plugins/files/${first}/record.json`, `plugins/files/${second}/evil.txt`, `plugins/files/${second}/record.json`].toSorted());
  t.equal(strFromU8(files[`plugins/files/${first}/Quibblesworth-notes.txt`] ?? new Uint8Array()), 'content of Quibblesworth-notes.txt');
  const account = strFromU8(files['account.json'] ?? new Uint8Array());
  t.match(JSON.parse(account), { profile: { firstName: 'Xanthippe', email: user.email }, memberships: [{ role: 'owner' }, { teamId, role: 'member' }], sessions: [{ method: 'password' }] });
  t.notMatch(account, /hash|secret|family/i);
  t.ok(strFromU8(files['activity.jsonl'] ?? new Uint8Array()).split('\n').some((line) => line.includes('"auth.logged-in"')));

  t.equal((await user.send('DELETE', '/api/users/account')).status, 400, 'without a body');
  t.match(await user.send('DELETE', '/api/users/account', {}), { status: 403, body: { error: 'CONFIRMATION_REQUIRED' } });
  t.equal((await user.send('DELETE', '/api/users/account', { password: 'wrong' })).status, 401);
  await db.query(`insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, 'member')`, [ownTeam, mate.id]);
  t.match(await user.send('DELETE', '/api/users/account', { password: user.password }), { status: 409, body: { error: 'ACCOUNT_OWNS_TEAMS', details: { teams: [{ id: ownTeam }] } } });
  await db.query('delete from kernel.memberships where tenant_id = $1 and user_id = $2', [ownTeam, mate.id]);
  const gone = await user.send('DELETE', '/api/users/account', { password: user.password });
  t.match(gone, { status: 202, body: { id: user.id } });
  await until(async () => (await db.query('select 1 from kernel.users where id = $1', [user.id])).rowCount === 0);
  t.equal((await user.send('GET', '/api/users/profile')).status, 401);
  await until(async () => (await mate.send('GET', `/api/files/${shared}`, undefined)).status === 404);
  await until(async () => Number((await db.query('select count(*) from kernel.outbox')).rows[0].count) === 0);

  /** Every text, JSON and character column of every table, in every schema. */
  async function traces(word: string): Promise<string[]> {
    const { rows } = await db.query<{ schema: string; table: string; column: string }>(
      `select n.nspname as schema, c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and n.nspname not in ('pg_catalog', 'information_schema') and a.atttypid::regtype::text in ('text', 'json', 'jsonb', 'character varying', 'text[]')`,
    );
    const found: string[] = [];
    for (const { schema, table, column } of rows) {
      const { rowCount } = await db.query(`select 1 from "${schema}"."${table}" where "${column}"::text ilike $1 limit 1`, [`%${word}%`]);
      if ((rowCount ?? 0) > 0) found.push(`${schema}.${table}.${column}`);
    }
    return found;
  }
  for (const word of [user.email, 'Xanthippe', 'Quibblesworth', 'Collects vowels']) {
    await until(async () => (await traces(word)).length === 0, 5_000).catch(() => undefined);
    t.same(await traces(word), [], word);
  }
  t.ok((await traces(user.id)).every((column) => /audit_entries|pgboss|realtime_log/.test(column)), 'the id alone, and only in logs');
  t.match((await db.query('select name, status from kernel.tenants where id = $1', [ownTeam])).rows, [{ name: 'Deleted team', status: 'deleted' }]);
});

t.test('every route is in the OpenAPI document, with an operation id and a summary', async (t) => {
  const user = await server.register();
  const { paths } = (await user.send('GET', '/openapi.json')).body;
  const own = Object.entries(paths as Record<string, Record<string, { operationId?: string; summary?: string }>>).filter(([path]) => path.startsWith('/api/users/'));
  const operations = own.flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId, summary }]) => ({ route: `${method.toUpperCase()} ${path}`, operationId, summary })));
  for (const { route, operationId, summary } of operations) t.ok(operationId?.startsWith('users.') === true && (summary ?? '') !== '', route);
  const routes = operations.map(({ route }) => route);
  for (const wanted of ['GET /api/users/profile', 'PUT /api/users/profile/update', 'POST /api/users/avatar/upload', 'DELETE /api/users/account', 'GET /api/users/preferences', 'PUT /api/users/preferences/update', 'GET /api/users/list', 'PUT /api/users/{userId}/status', 'GET /api/users/{userId}/activity', 'POST /api/users/bulk-operations']) t.ok(routes.includes(wanted), wanted);
  const forOperators = (await operator('GET', '/openapi.json')).body.paths;
  t.ok(forOperators['/api/users/{userId}/impersonate']?.post);
});

t.test('who changes their mind keeps the account', async (t) => {
  const user = await server.register();
  await db.query(`update kernel.users set erase_at = now() + interval '1 day' where id = $1`, [user.id]);
  t.match((await user.send('GET', '/api/users/profile')).body, { eraseAt: String });
  t.match(await user.send('POST', '/api/users/account/restore'), { status: 200, body: { eraseAt: null } });
  t.equal((await audited('users.erasure-withdrawn', user.id)).length, 1);
});

import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { plugins } from '../../config/plugins.ts';
import { openDatabase } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { send, testServer, type TestReply, type TestUser } from '../support/server.ts';
import { openSocket } from '../support/socket.ts';

/** Roles and permissions of a team over HTTP, with the plugin `teams` in either runtime. */

t.setTimeout(240_000);

const needed = new Set(['teams', 'files', 'marketplace'].map((name) => (name === 'marketplace' ? '@proofpix/marketplace' : `@proofpix/plugin-${name}`)));

async function scenario(t: Test, runtime: 'in-process' | 'sandboxed'): Promise<void> {
  const entries = plugins.filter(({ package: name }) => needed.has(name)).map((entry) => (entry.package.endsWith('-teams') ? { ...entry, runtime } : entry));
  const server = await testServer(t, { entries });
  const database = await openDatabase({ url: server.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
  t.teardown(() => database.close());
  const query = <Row extends object>(sql: string, values: unknown[] = []) => database.system((em) => statement<Row>(em, sql, values));

  const [owner, admin, viewer, stranger] = [await server.register('owner'), await server.register('admin'), await server.register('viewer'), await server.register('stranger')];
  const teamOf = async (user: TestUser) => String((await user.send('GET', '/api/auth/me')).body.tenantId);
  const [team, otherTeam] = [await teamOf(owner), await teamOf(stranger)];
  await query(`insert into kernel.memberships (tenant_id, user_id, role, granted_by) values ($1, $2, 'admin', $4), ($1, $3, 'viewer', $4)`, [team, admin.id, viewer.id, owner.id]);
  const base = `/api/teams/${team}`;

  const lastEntry = async () => (await query<{ last: number }>('select coalesce(max(sequence), 0)::float8 as last from kernel.audit_entries where tenant_id = $1', [team]))[0]?.last ?? 0;
  const entriesSince = (sequence: number) => query<{ action: string; target: string; details: Record<string, unknown> }>(`select action, target, (entry::jsonb)->'details' as details from kernel.audit_entries where tenant_id = $1 and sequence > $2 order by sequence`, [team, sequence]);
  const made = async (user: TestUser, permissions: string[], name = `Role ${randomUUID()}`): Promise<string> => {
    const { status, body } = await user.send('POST', `${base}/roles/create`, { name, permissions });
    if (status !== 201) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
    return body.id as string;
  };
  const may = async (user: TestUser, userId: string, permission: string): Promise<TestReply['body']> => (await user.send('GET', `${base}/permissions/audit?userId=${userId}&permission=${permission}`)).body.items[0];

  await t.test('who may not ask gets nothing, and nothing is written', async (t) => {
    const roleId = await made(owner, ['files:delete-any']);
    const before = await lastEntry();
    const routes: [method: string, path: string, body?: object][] = [
      ['POST', '/roles/create', { name: 'x', permissions: [] }],
      ['PUT', `/roles/${roleId}`, { name: 'x' }],
      ['DELETE', `/roles/${roleId}`],
      ['POST', '/permissions/assign', { userIds: [viewer.id], add: [roleId] }],
      ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId: viewer.id, add: [roleId] }] }],
      ['GET', `/permissions/audit?userId=${owner.id}`],
    ];
    for (const [method, path, body] of routes) {
      t.match(await viewer.send(method, `${base}${path}`, body), { status: 403, body: { error: 'FORBIDDEN', details: { permission: 'teams:manage-roles' } } }, `viewer ${method} ${path}`);
      t.equal((await stranger.send(method, `${base}${path}`, body)).status, 404, `stranger ${method} ${path}`);
      t.equal((await send(server.url, method, `${base}${path}`, body)).status, 401, `nobody ${method} ${path}`);
    }
    for (const path of ['/roles', '/permissions', '/permissions/audit']) {
      t.equal((await stranger.send('GET', `${base}${path}`)).status, 404, `stranger GET ${path}`);
      t.equal((await viewer.send('GET', `${base}${path}`)).status, 200, `viewer GET ${path}`);
    }
    const theirs = (await stranger.send('POST', `/api/teams/${otherTeam}/roles/create`, { name: 'Theirs', permissions: [] })).body.id as string;
    const foreign: [method: string, path: string, body?: object][] = [
      ['PUT', `/roles/${theirs}`, { name: 'Ours' }],
      ['DELETE', `/roles/${theirs}`],
      ['POST', '/permissions/assign', { userIds: [viewer.id], add: [theirs] }],
      ['POST', '/permissions/assign', { userIds: [stranger.id], add: [roleId] }],
      ['DELETE', `/roles/${roleId}?reassign=${theirs}`],
    ];
    await owner.send('POST', `${base}/permissions/assign`, { userIds: [admin.id], add: [roleId] });
    const after = await lastEntry();
    for (const [method, path, body] of foreign) t.equal((await owner.send(method, `${base}${path}`, body)).status, 404, `${method} ${path}`);
    t.strictSame((await entriesSince(before)).map(({ action }) => action), ['roles.assigned']);
    t.equal(await lastEntry(), after);
  });

  await t.test('the routes are documented', async (t) => {
    const { paths } = (await owner.send('GET', '/openapi.json')).body as { paths: Record<string, Record<string, { operationId: string }>> };
    const ids = Object.entries(paths).filter(([path]) => /^\/api\/teams\/\{teamId\}\/(roles|permissions)/.test(path)).flatMap(([, operations]) => Object.values(operations).map(({ operationId }) => operationId));
    t.strictSame(ids.toSorted(), ['assignRoles', 'auditPermissions', 'bulkUpdatePermissions', 'createRole', 'deleteRole', 'listPermissions', 'listRoles', 'updateRole'].map((name) => `teams.${name}`));
  });

  await t.test('bad input is refused by field', async (t) => {
    const cases: [method: string, path: string, body: object, status: number, field: RegExp][] = [
      ['POST', '/roles/create', { name: 'x' }, 400, /permissions/],
      ['POST', '/roles/create', { name: 'x', permissions: ['files:fly'] }, 400, /permissions/],
      ['POST', '/roles/create', { name: 'x', permissions: ['nothing:*'] }, 400, /permissions/],
      ['POST', '/roles/create', { name: 'x', permissions: [], tenantId: otherTeam }, 400, /tenantId|body/],
      ['POST', '/roles/create', { name: 'admin', permissions: [] }, 409, /name/],
      ['PUT', '/roles/owner', { permissions: [] }, 409, /roleId/],
      ['PUT', '/permissions/bulk-update', { changes: [] }, 400, /changes/],
      ['POST', '/permissions/assign', { userIds: ['me'], add: [] }, 400, /userIds/],
    ];
    for (const [method, path, body, status, field] of cases) t.match(await owner.send(method, `${base}${path}`, body), { status, body: { details: { field } } }, `${method} ${path} ${JSON.stringify(body)}`);
    t.equal((await owner.send('GET', `${base}/roles?cursor=bogus`)).status, 400);
  });

  await t.test('a role is made, given, explained, narrowed and taken; members see it, the log knows it', async (t) => {
    const socket = await openSocket(server.url, owner.accessToken);
    t.teardown(() => socket.close());
    const before = await lastEntry();
    t.match(await may(owner, viewer.id, 'files:write'), { allowed: false, reasons: [], obstacles: [{ code: 'no-role-has-it', builtInRoles: ['member', 'admin', 'owner'] }] });
    const roleId = await made(admin, ['files:write', 'files:delete'], 'Uploader');
    t.match(await viewer.send('GET', `${base}/roles`), { status: 200, body: { items: [{ id: 'owner', memberCount: 1 }, { id: 'admin' }, { id: 'member' }, { id: 'viewer' }] } });
    t.match((await viewer.send('GET', `${base}/roles`)).body.items.find((one: { id: string }) => one.id === roleId), { name: 'Uploader', builtIn: false, permissions: ['files:delete', 'files:write'], memberCount: 0, createdBy: admin.id });

    t.match(await admin.send('POST', `${base}/permissions/assign`, { userIds: [viewer.id], add: [roleId] }), { status: 200, body: { items: [{ userId: viewer.id, changed: true, roles: [roleId] }] } });
    t.match(await admin.send('POST', `${base}/permissions/assign`, { userIds: [viewer.id], add: [roleId] }), { body: { items: [{ changed: false }] } }, 'a second time changes nothing');
    t.match(await socket.next('team:role-changed'), { teamId: team, userId: viewer.id, rolesAdded: [roleId], rolesRemoved: [], changedBy: admin.id });
    const { reasons } = await may(viewer, viewer.id, 'files:write');
    t.match(reasons, [{ by: 'custom-role', roleId, roleName: 'Uploader', entry: 'files:write', grantedBy: { userId: admin.id, firstName: 'Test' }, grantedAt: /^\d{4}/, text: /^The role Uploader lists files:write\. Given by Test User on / }]);

    t.equal((await admin.send('PUT', `${base}/roles/${roleId}`, { permissions: ['files:write'], description: 'Brings files' })).status, 200);
    t.match(await may(owner, viewer.id, 'files:delete'), { allowed: false });
    t.match(await owner.send('DELETE', `${base}/roles/${roleId}`), { status: 409, body: { details: { field: 'reassign', members: 1 } } });
    t.match(await owner.send('DELETE', `${base}/roles/${roleId}?reassign=viewer`), { status: 200, body: { id: roleId, deleted: true, reassigned: 1 } });
    t.match(await socket.next('team:role-deleted'), { roleId, reassignedTo: 'viewer' });
    t.match(await may(owner, viewer.id, 'files:write'), { allowed: false });
    t.equal(socket.frames.filter(({ event }) => event === 'team:role-changed').length, 1, 'and no others');

    const log = await entriesSince(before);
    t.strictSame(log.map(({ action, target }) => `${action} ${target}`), [`roles.created ${roleId}`, `roles.assigned ${viewer.id}`, `roles.updated ${roleId}`, `roles.deleted ${roleId}`]);
    t.match(log[1]?.details, { before: { roles: [] }, after: { roles: [roleId] } });
    t.match(log[2]?.details, { before: { permissions: ['files:delete', 'files:write'] }, after: { permissions: ['files:write'], description: 'Brings files' } });
    const { history } = (await owner.send('GET', `${base}/permissions/audit?userId=${viewer.id}&limit=1`)).body;
    t.match(history, { items: [{ action: 'roles.assigned', target: viewer.id, actorId: admin.id, details: { after: { roles: [roleId] } } }] });
  });

  await t.test('nobody gets higher: by a new role, by an edit, in bulk, for themselves or by a key', async (t) => {
    const clerk = await made(owner, ['teams:manage-roles', 'files:read', 'keys:create'], 'Clerk');
    const boss = await made(owner, ['teams:delete'], 'Boss');
    await owner.send('POST', `${base}/permissions/assign`, { userIds: [viewer.id], add: [clerk] });
    const before = await lastEntry();
    const climbs: [method: string, path: string, body: object][] = [
      ['POST', '/roles/create', { name: 'Climb', permissions: ['files:write'] }],
      ['POST', '/roles/create', { name: 'Climb', permissions: ['files:*'] }],
      ['PUT', `/roles/${clerk}`, { permissions: ['teams:manage-roles', 'files:read', 'keys:create', 'files:write'] }],
      ['PUT', `/roles/${boss}`, { permissions: ['files:read'] }],
      ['DELETE', `/roles/${boss}`, {}],
      ['POST', '/permissions/assign', { userIds: [viewer.id], add: [boss] }],
      ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId: viewer.id, add: [boss] }] }],
      ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId: admin.id, add: [clerk] }, { op: 'update-role', roleId: clerk, permissions: ['files:write'] }] }],
    ];
    for (const [method, path, body] of climbs) t.match(await viewer.send(method, `${base}${path}`, method === 'DELETE' ? undefined : body), { status: 403, body: { error: 'FORBIDDEN', details: { permissions: Array } } }, `${method} ${path}`);
    t.match(await admin.send('POST', `${base}/permissions/assign`, { userIds: [admin.id], add: [boss] }), { status: 403, body: { details: { permissions: ['teams:delete'] } } }, 'an admin is no owner');
    t.strictSame(await entriesSince(before), [], 'and nothing was written');

    const narrow = (await owner.send('POST', '/api/keys/generate', { name: 'ci', permissions: ['teams:manage-roles', 'files:read'] })).body.key as string;
    const byKey = (method: string, path: string, body?: object) => send(server.url, method, `${base}${path}`, body, { 'x-api-key': narrow });
    t.match(await byKey('POST', '/roles/create', { name: 'By key', permissions: ['files:write'] }), { status: 403, body: { details: { permissions: ['files:write'] } } });
    t.match(await byKey('POST', '/permissions/assign', { userIds: [owner.id], add: [boss] }), { status: 403, body: { details: { permissions: ['teams:delete'] } } });
    const unfit = (await owner.send('POST', '/api/keys/generate', { name: 'ci', permissions: ['files:read'] })).body.key as string;
    t.match(await send(server.url, 'POST', `${base}/roles/create`, { name: 'By key', permissions: [] }, { 'x-api-key': unfit }), { status: 403, body: { details: { permission: 'teams:manage-roles' } } });
    t.equal((await byKey('POST', '/roles/create', { name: 'By key', permissions: ['files:read'] })).status, 201);
  });

  await t.test('bulk is all or nothing, and says which row failed', async (t) => {
    const [one, two] = [await made(owner, ['files:read']), await made(owner, ['files:write'])];
    const before = await lastEntry();
    const good = [
      { op: 'assign', userId: viewer.id, add: [one, two] },
      { op: 'update-role', roleId: two, permissions: ['files:delete'] },
      { op: 'assign', userId: admin.id, add: [one] },
    ];
    t.match(await owner.send('PUT', `${base}/permissions/bulk-update`, { changes: [...good, { op: 'assign', userId: randomUUID(), add: [one] }] }), { status: 404, body: { error: 'NOT_FOUND', details: { index: 3 } } });
    t.strictSame(await entriesSince(before), []);
    t.match((await owner.send('GET', `${base}/roles`)).body.items.find(({ id }: { id: string }) => id === two), { permissions: ['files:write'], memberCount: 0 });
    t.match(await owner.send('PUT', `${base}/permissions/bulk-update`, { changes: good }), { status: 200, body: { items: [{ op: 'assign', id: viewer.id, changed: true }, { op: 'update-role', id: two, changed: true }, { op: 'assign', id: admin.id, changed: true }] } });
    t.strictSame((await entriesSince(before)).map(({ action }) => action), ['roles.assigned', 'roles.updated', 'roles.assigned']);
    const many = Array.from({ length: 1000 }, (_, at) => ({ op: 'assign', userId: viewer.id, [at % 2 === 0 ? 'remove' : 'add']: [one] }));
    t.match(await owner.send('PUT', `${base}/permissions/bulk-update`, { changes: many }), { status: 200, body: { items: { length: 1000 } } });
    t.equal((await owner.send('PUT', `${base}/permissions/bulk-update`, { changes: [...many, many[0]] })).status, 400, '1,001 are too many');
  });

  await t.test('the list of permissions, and what a disabled plugin leaves', async (t) => {
    const listed = (await viewer.send('GET', `${base}/permissions`)).body.items as { permission: string }[];
    t.ok(listed.some(({ permission }) => permission === 'files:read') && listed.some(({ permission }) => permission === 'keys:create') && listed.some(({ permission }) => permission === 'teams:manage-roles'));
    const pages: string[] = [];
    for (let cursor: string | null = '', rounds = 0; cursor !== null && rounds < 50; rounds += 1) {
      const { body }: TestReply = await owner.send('GET', `${base}/permissions/audit?userId=${viewer.id}&limit=7${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      pages.push(...(body.items as { permission: string }[]).map(({ permission }) => permission));
      cursor = body.nextCursor as string | null;
    }
    t.strictSame(pages, listed.map(({ permission }) => permission));
    t.match(await may(owner, stranger.id, 'files:read'), { allowed: false, obstacles: [{ code: 'not-a-member' }] });
    t.match(await may(owner, randomUUID(), 'files:read'), { allowed: false, obstacles: [{ code: 'not-a-member' }] }, 'whether they exist is not told');

    t.equal((await owner.send('PUT', '/api/plugins/files/enable', { enabled: false })).status, 200);
    await until(async () => (await may(owner, viewer.id, 'files:read')).obstacles[0]?.code === 'plugin-not-enabled');
    t.equal((await owner.send('POST', `${base}/roles/create`, { name: 'Late', permissions: ['files:read'] })).status, 400);
    t.equal((await owner.send('PUT', '/api/plugins/files/enable', { enabled: true })).status, 200);
    await until(async () => (await may(owner, viewer.id, 'files:read')).allowed);
  });
}

for (const runtime of ['in-process', 'sandboxed'] as const) t.test(`the plugin runs ${runtime}`, (t) => scenario(t, runtime));

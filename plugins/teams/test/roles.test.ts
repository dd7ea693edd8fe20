import { createHarness, defaultTenantId, defaultUserId, type Harness, type HarnessOptions, type Identity, type Role } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';
import { runtime } from './support.ts';

/** Who may ask, and what the plugin asks of the kernel then: what the kernel answers is tested there, and over HTTP in `test/e2e`. */

const team = `/api/teams/${defaultTenantId}`;
const roleId = '018f0000-0000-7000-8000-0000000000e1';
const userId = '018f0000-0000-7000-8000-0000000000d1';
const otherTenant: Identity = { tenantId: '018f0000-0000-7000-8000-0000000000ff', userId: '018f0000-0000-7000-8000-0000000000fe' };
const role = { id: roleId, name: 'Reader', description: '', builtIn: false, permissions: ['files:read'], memberCount: 0, createdBy: defaultUserId, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
const explanation = { permission: 'files:read', allowed: false, reasons: [], obstacles: [{ code: 'not-a-member', text: 'They are not a member of this team.', builtInRoles: null }] };

interface Asked {
  method: string;
  input: Record<string, unknown>;
}

function harness(): { h: Harness; asked: Asked[] } {
  const asked: Asked[] = [];
  const answers = {
    list: { items: [role], nextCursor: null },
    create: role,
    update: role,
    remove: { removed: true, reassigned: 2 },
    change: { steps: [{ op: 'assign', target: userId, changed: true, roles: [roleId] }] },
    listPermissions: { items: [] },
    explain: explanation,
    explainAll: { items: [explanation], nextCursor: 'files:read' },
    history: { items: [], nextCursor: null },
  };
  const stub = (method: string, answer: unknown) => (input: Record<string, unknown>) => {
    asked.push({ method, input });
    return answer;
  };
  const roles = Object.fromEntries(Object.entries(answers).map(([method, answer]) => [method, stub(method, answer)]));
  return { h: createHarness(plugin, { ...runtime, services: { 'kernel.roles': roles } as NonNullable<HarnessOptions['services']> }), asked };
}

const assignment = { userIds: [userId], add: [roleId] };
const writing: [method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object][] = [
  ['POST', '/roles/create', { name: 'Reader', permissions: ['files:read'] }],
  ['PUT', `/roles/${roleId}`, { name: 'Reader' }],
  ['DELETE', `/roles/${roleId}`],
  ['POST', '/permissions/assign', assignment],
  ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId, add: [roleId] }] }],
];
const reading = ['/roles', '/permissions', '/permissions/audit'];

const as = (one: Role | null): { as: Identity } => ({ as: { role: one } });

t.test('who may not is refused, and the kernel is not asked', async (t) => {
  const { h, asked } = harness();
  for (const [method, path, body] of writing) {
    const request = body === undefined ? {} : { body };
    t.equal((await h.request(method, `${team}${path}`, { ...request, as: { userId: null } })).status, 401, `nobody ${method} ${path}`);
    t.equal((await h.request(method, `${team}${path}`, { ...request, as: otherTenant })).status, 404, `another team ${method} ${path}`);
    for (const one of ['viewer', 'member', null] as const) t.match(await h.request(method, `${team}${path}`, { ...request, ...as(one) }), { status: 403, body: { details: { permission: 'teams:manage-roles' } } }, `${one} ${method} ${path}`);
  }
  for (const path of reading) {
    t.equal((await h.request('GET', `${team}${path}`, { as: { userId: null } })).status, 401, `nobody GET ${path}`);
    t.equal((await h.request('GET', `${team}${path}`, { as: otherTenant })).status, 404, `another team GET ${path}`);
    t.equal((await h.request('GET', `${team}${path}`, as(null))).status, 403, `no role GET ${path}`);
  }
  t.equal((await h.request('GET', `${team}/permissions/audit?userId=${userId}`, as('member'))).status, 403, 'a member asks about somebody else');
  t.strictSame(asked, []);
  t.strictSame(h.events, []);
});

t.test('bad input is refused, and the kernel is not asked', async (t) => {
  const { h, asked } = harness();
  const cases: [method: 'POST' | 'PUT', path: string, body: object][] = [
    ['POST', '/roles/create', { name: '', permissions: [] }],
    ['POST', '/roles/create', { name: 'x', permissions: [], id: roleId }],
    ['PUT', `/roles/${roleId}`, {}],
    ['PUT', `/roles/${roleId}`, { builtIn: true }],
    ['POST', '/permissions/assign', { userIds: [] }],
    ['POST', '/permissions/assign', { userIds: [userId, userId], add: [roleId] }],
    ['POST', '/permissions/assign', { userIds: ['x'], add: [roleId] }],
    ['PUT', '/permissions/bulk-update', { changes: [{ op: 'delete', roleId }] }],
    ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId, emit: [] }] }],
  ];
  for (const [method, path, body] of cases) t.match(await h.request(method, `${team}${path}`, { body }), { status: 400, body: { error: 'VALIDATION_ERROR' } }, `${path} ${JSON.stringify(body)}`);
  t.strictSame(asked, []);
});

t.test('what is asked of the kernel, with the events that stand or fall with it', async (t) => {
  const { h, asked } = harness();
  const changed = { teamId: defaultTenantId, userId, rolesAdded: [roleId], rolesRemoved: [], changedBy: defaultUserId };
  const step = { op: 'assign', userId, add: [roleId], remove: [], emit: [{ name: 'teams.role-changed', payload: changed }] };
  const cases: [method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body: object | undefined, status: number, asked: Asked[]][] = [
    ['GET', '/roles?limit=2', undefined, 200, [{ method: 'list', input: { limit: 2 } }]],
    ['GET', '/permissions', undefined, 200, [{ method: 'listPermissions', input: {} }]],
    ['POST', '/roles/create', { name: 'Reader', permissions: ['files:read'] }, 201, [{ method: 'create', input: { name: 'Reader', permissions: ['files:read'] } }]],
    ['PUT', `/roles/${roleId}`, { permissions: [] }, 200, [{ method: 'update', input: { roleId, permissions: [] } }]],
    ['DELETE', `/roles/${roleId}?reassign=viewer`, undefined, 200, [{ method: 'remove', input: { roleId, reassignTo: 'viewer', emit: [{ name: 'teams.role-deleted', payload: { teamId: defaultTenantId, roleId, reassignedTo: 'viewer', deletedBy: defaultUserId } }] } }]],
    ['POST', '/permissions/assign', assignment, 200, [{ method: 'change', input: { steps: [step] } }]],
    ['PUT', '/permissions/bulk-update', { changes: [{ op: 'assign', userId, add: [roleId] }, { op: 'update-role', roleId, name: 'Y' }] }, 200, [{ method: 'change', input: { steps: [step, { op: 'update', roleId, name: 'Y' }] } }]],
  ];
  for (const [method, path, body, status, expected] of cases) {
    asked.length = 0;
    const reply = await h.request(method, `${team}${path}`, { as: { role: 'admin' }, ...(body === undefined ? {} : { body }) });
    t.equal(reply.status, status, `${method} ${path} ${JSON.stringify(reply.body)}`);
    t.strictSame(asked, expected, `${method} ${path}`);
  }
  t.strictSame(h.events, [], 'and no events of its own');
});

t.test('anybody may ask about themselves, for one permission or all', async (t) => {
  const { h, asked } = harness();
  t.match(await h.request('GET', `${team}/permissions/audit?permission=files:read`, as('viewer')), { status: 200, body: { userId: defaultUserId, items: [explanation], nextCursor: null, history: { items: [] } } });
  t.match(await h.request('GET', `${team}/permissions/audit`, as('viewer')), { status: 200, body: { items: [explanation], nextCursor: 'files:read' } });
  t.match(await h.request('GET', `${team}/permissions/audit?userId=${userId}`, as('admin')), { status: 200, body: { userId } });
  t.strictSame(asked.map(({ method, input }) => `${method} ${String(input['userId'] ?? input['target'])}`).toSorted(), [`explain ${defaultUserId}`, `explainAll ${defaultUserId}`, `explainAll ${userId}`, `history ${defaultUserId}`, `history ${defaultUserId}`, `history ${userId}`]);
});

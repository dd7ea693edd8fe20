import { randomUUID } from 'node:crypto';
import t from 'tap';
import { generateKey, registerUser, testAuth } from '../../../test/support/auth.ts';
import { until } from '../../../test/support/messaging.ts';
import { statement } from '../../database/statement.ts';
import type { Identity } from '../contract.ts';
import type { OpenAuth } from '../open-auth.ts';
import type { BesideSteps, RoleChange } from './contract.ts';

const { auth, database } = await testAuth(t);
const other = (await testAuth(t, { database })).auth;
const alice = await registerUser(auth);
const stranger = await registerUser(auth);
const { tenantId } = alice;

/** A new member of Alice's team, as they are now. */
async function member(role: string): Promise<Identity & { userId: string }> {
  const { identity } = await registerUser(auth);
  const userId = identity.principal.userId ?? '';
  await auth.members.add(tenantId, userId, role);
  return { ...(await now(userId)), userId };
}

async function now(userId: string, node: OpenAuth = auth): Promise<Identity> {
  const found = await node.identityOf(userId, tenantId);
  if (found === null) throw new Error('no member');
  return found;
}

const seen: { op: string; target: string; at: number }[] = [];
const beside: BesideSteps = async (_em, changed) => void seen.push(...changed);
const change = (caller: Identity, ...steps: RoleChange[]) => auth.roles.change(caller, steps, beside);

async function madeRole(permissions: string[], caller: Identity = alice.identity): Promise<string> {
  const [made] = await change(caller, { op: 'create', name: `role ${randomUUID()}`, description: '', permissions });
  return made?.target ?? '';
}

const assign = (caller: Identity, userId: string, add: string[], remove: string[] = []) => change(caller, { op: 'assign', userId, add, remove });
const permissionsOf = async (id: string) => (await auth.roles.get(tenantId, id))?.permissions;

t.test('nobody makes, changes, gives or takes a role with more than they hold', async (t) => {
  const keeper = await madeRole(['keys:manage-all', 'files:read']);
  const reader = await madeRole(['files:read']);
  const viewer = await member('viewer');
  const member2 = await member('member');
  seen.length = 0;
  const refused: [name: string, step: RoleChange, permissions: string[]][] = [
    ['make', { op: 'create', name: 'Boss', description: '', permissions: ['files:read', 'files:delete'] }, ['files:delete']],
    ['make with all of a plugin', { op: 'create', name: 'Boss', description: '', permissions: ['files:*'] }, ['files:*']],
    ['widen', { op: 'update', roleId: reader, permissions: ['files:read', 'files:delete'] }, ['files:delete']],
    ['narrow what one could not give', { op: 'update', roleId: keeper, permissions: ['files:read'] }, ['keys:manage-all']],
    ['rename what one could not give', { op: 'update', roleId: keeper, name: 'Mine' }, ['keys:manage-all']],
    ['delete', { op: 'delete', roleId: keeper, reassignTo: null }, ['keys:manage-all']],
    ['give to oneself', { op: 'assign', userId: viewer.userId, add: [keeper], remove: [] }, ['keys:manage-all']],
    ['give to somebody', { op: 'assign', userId: member2.userId, add: [keeper], remove: [] }, ['keys:manage-all']],
    ['take', { op: 'assign', userId: member2.userId, add: [], remove: [keeper] }, ['keys:manage-all']],
  ];
  for (const [name, step, permissions] of refused) await t.rejects(change(viewer, step), { code: 'FORBIDDEN', details: { permissions } }, name);
  await t.rejects(change(viewer, { op: 'assign', userId: viewer.userId, add: [reader], remove: [] }, { op: 'update', roleId: reader, permissions: ['files:read', 'files:delete'] }), { code: 'FORBIDDEN', details: { permissions: ['files:delete'], index: 1 } }, 'raise a role that one has');
  t.strictSame(seen, [], 'nothing is written beside what is refused');
  t.strictSame([await permissionsOf(keeper), await permissionsOf(reader)], [['files:read', 'keys:manage-all'], ['files:read']]);
  t.strictSame((await now(viewer.userId)).customRoles, [], 'the step before the refused one is undone');

  t.match(await assign(viewer, member2.userId, [reader]), [{ op: 'assign', changed: true, before: { roles: [] }, after: { roles: [reader] } }], 'what one holds one may give');
});

t.test('strangers, built-in roles and nonsense are refused', async (t) => {
  const mine = await madeRole(['files:read']);
  const theirs = await auth.roles.change(stranger.identity, [{ op: 'create', name: 'Theirs', description: '', permissions: ['files:read'] }], beside);
  const theirRole = theirs[0]?.target ?? '';
  const refused: [name: string, caller: Identity, step: RoleChange, code: string][] = [
    ['another team\'s member in ours', { ...stranger.identity, tenantId }, { op: 'update', roleId: mine, name: 'x' }, 'FORBIDDEN'],
    ['another team\'s role', alice.identity, { op: 'update', roleId: theirRole, name: 'x' }, 'NOT_FOUND'],
    ['another team\'s role, given', alice.identity, { op: 'assign', userId: alice.user.id, add: [theirRole], remove: [] }, 'NOT_FOUND'],
    ['another team\'s member', alice.identity, { op: 'assign', userId: stranger.user.id, add: [mine], remove: [] }, 'NOT_FOUND'],
    ['no role', alice.identity, { op: 'delete', roleId: randomUUID(), reassignTo: null }, 'NOT_FOUND'],
    ['no id', alice.identity, { op: 'delete', roleId: "x' or true", reassignTo: null }, 'NOT_FOUND'],
    ['owner changed', alice.identity, { op: 'update', roleId: 'owner', permissions: [] }, 'CONFLICT'],
    ['owner deleted', alice.identity, { op: 'delete', roleId: 'owner', reassignTo: null }, 'CONFLICT'],
    ['a built-in name', alice.identity, { op: 'create', name: ' Owner ', description: '', permissions: [] }, 'CONFLICT'],
    ['an empty name', alice.identity, { op: 'create', name: ' ', description: '', permissions: [] }, 'VALIDATION_ERROR'],
    ['a hidden character', alice.identity, { op: 'create', name: 'own\u200ber', description: '', permissions: [] }, 'VALIDATION_ERROR'],
    ['what no plugin declares', alice.identity, { op: 'create', name: 'x', description: '', permissions: ['billing:pay'] }, 'VALIDATION_ERROR'],
    ['all of everything', alice.identity, { op: 'create', name: 'x', description: '', permissions: ['*'] }, 'VALIDATION_ERROR'],
    ['the system', { ...alice.identity, principal: { ...alice.identity.principal, kind: 'system' } }, { op: 'create', name: 'x', description: '', permissions: [] }, 'FORBIDDEN'],
  ];
  seen.length = 0;
  for (const [name, caller, step, code] of refused) await t.rejects(change(caller, step), { code }, name);
  t.strictSame(seen, []);
  const [{ name } = { name: '' }] = (await auth.roles.list(tenantId, { limit: 50, cursor: null })).items.filter(({ id }) => id === mine);
  await t.rejects(change(alice.identity, { op: 'create', name: name.toUpperCase(), description: '', permissions: [] }), { code: 'CONFLICT', details: { field: 'name' } });
});

t.test('a key gives no more than its scope, and nothing once it is revoked', async (t) => {
  const reader = await madeRole(['files:read']);
  const { key, id } = await generateKey(auth, alice.identity, { permissions: ['files:read', 'keys:create'] });
  const program = await auth.authenticate({ apiKey: key });
  if (program === null) throw new Error('no identity');
  await t.rejects(change(program, { op: 'create', name: 'By key', description: '', permissions: ['files:delete'] }), { code: 'FORBIDDEN', details: { permissions: ['files:delete'] } });
  await t.rejects(change(program, { op: 'create', name: 'By key', description: '', permissions: ['files:*'] }), { code: 'FORBIDDEN', details: { permissions: ['files:*'] } });
  await t.rejects(change({ ...program, scope: null }, { op: 'create', name: 'By key', description: '', permissions: ['files:delete'] }), { code: 'FORBIDDEN' }, 'the scope is read, not believed');
  t.match(await assign(program, alice.user.id, [reader]), [{ changed: true }]);
  await database.system((em) => statement(em, 'update kernel.api_keys set revoked_at = now() where id = $1', [id]));
  await t.rejects(assign(program, alice.user.id, [], [reader]), { code: 'UNAUTHORIZED' });
  await assign(alice.identity, alice.user.id, [], [reader]);
});

t.test('who is demoted at the same moment gives nothing afterwards', async (t) => {
  const target = await member('viewer');
  for (let round = 0; round < 6; round += 1) {
    const admin = await member('admin');
    const power = await madeRole(['files:delete']);
    const [given] = await Promise.allSettled([assign(admin, target.userId, [power]), auth.members.setRole(tenantId, admin.userId, 'viewer')]);
    // whichever came first: what is there was given by somebody who held it
    const has = (await auth.roles.assignedTo(tenantId, target.userId)).includes(power);
    t.equal(has, given.status === 'fulfilled');
    await t.rejects(assign(admin, target.userId, [power]), { code: 'FORBIDDEN' }, 'an identity from before counts for nothing');
  }
});

t.test('two who widen each other get nowhere', async (t) => {
  const [one, two] = [await member('viewer'), await member('viewer')];
  const shared = await madeRole(['files:read']);
  await assign(alice.identity, one.userId, [shared]);
  await assign(alice.identity, two.userId, [shared]);
  const results = await Promise.allSettled([...Array(10).keys()].map((n) => change(n % 2 === 0 ? one : two, { op: 'update', roleId: shared, permissions: ['files:read', n % 2 === 0 ? 'files:delete' : 'files:*'] })));
  t.ok(results.every(({ status }) => status === 'rejected'));
  t.strictSame(await permissionsOf(shared), ['files:read']);
});

t.test('a role that members have goes only when they get another', async (t) => {
  const [from, to] = [await madeRole(['files:read']), await madeRole(['files:delete'])];
  const both = await member(from);
  const beside2 = await member('member');
  await assign(alice.identity, beside2.userId, [from]);
  const low = await member('viewer');
  await t.rejects(change(alice.identity, { op: 'delete', roleId: from, reassignTo: null }), { code: 'CONFLICT', details: { members: 2 } });
  await t.rejects(change(alice.identity, { op: 'delete', roleId: from, reassignTo: 'owner' }), { code: 'VALIDATION_ERROR' });
  await t.rejects(change(alice.identity, { op: 'delete', roleId: from, reassignTo: from }), { code: 'VALIDATION_ERROR' });
  await t.rejects(change(low, { op: 'delete', roleId: from, reassignTo: to }), { code: 'FORBIDDEN', details: { permissions: ['files:delete'] } }, 'the heir is given');
  t.match(await change(alice.identity, { op: 'delete', roleId: from, reassignTo: to }), [{ changed: true, after: { reassignedTo: to, members: 2 } }]);
  t.match(await now(both.userId), { role: to, customRoles: [] });
  t.match(await now(beside2.userId), { role: 'member', customRoles: [{ roleId: to, by: alice.user.id }] });
  t.equal((await auth.roles.get(tenantId, to))?.memberCount, 2);
  t.equal(await auth.roles.get(tenantId, from), null);
});

t.test('an explanation names the role, who gave it and when, and what is missing', async (t) => {
  const cleaner = await madeRole(['files:*', 'keys:read-all']);
  const viewer = await member('viewer');
  t.match(await auth.explain(viewer, 'files:delete'), { allowed: false, reasons: [], obstacles: [{ code: 'no-role-has-it', builtInRoles: ['admin', 'owner'] }] });
  t.match(await auth.explain(viewer, 'billing:pay'), { allowed: false, obstacles: [{ code: 'plugin-not-enabled', pluginId: 'billing' }] });
  t.match(await auth.explain(viewer, 'files:fly'), { allowed: false, obstacles: [{ code: 'not-declared', pluginId: 'files' }] });
  t.match(await auth.explain({ ...viewer, role: null }, 'files:read'), { allowed: false, obstacles: [{ code: 'not-a-member' }] });
  t.match(await auth.explain({ ...viewer, scope: ['keys:create'] }, 'files:read'), { allowed: false, reasons: [{ by: 'built-in-role', role: 'viewer' }], obstacles: [{ code: 'outside-key-scope' }] });
  await assign(alice.identity, viewer.userId, [cleaner]);
  const since = await now(viewer.userId);
  t.match(await auth.explain(since, 'files:delete', { ownerId: viewer.userId }), {
    allowed: true,
    reasons: [{ by: 'custom-role', roleId: cleaner, entry: 'files:*', grantedBy: alice.user.id, grantedAt: /^\d{4}-\d\d-\d\dT/ }, { by: 'ownership', ownerId: viewer.userId, declaredBy: { id: 'files' } }],
    obstacles: [],
  });
  t.match(await auth.explain(since, 'files:read'), { reasons: [{ by: 'built-in-role', role: 'viewer', declaredBy: { id: 'files', version: '1.0.0' } }, { by: 'custom-role' }] });
});

t.test('a change reaches the other node', async (t) => {
  const power = await madeRole(['files:delete']);
  const { userId } = await member('viewer');
  t.equal(await other.can(await now(userId, other), 'files:delete'), false);
  await assign(alice.identity, userId, [power]);
  await until(async () => other.can(await now(userId, other), 'files:delete'));
  await change(alice.identity, { op: 'update', roleId: power, permissions: ['files:read'] });
  await until(async () => !(await other.can(await now(userId, other), 'files:delete')));
  await change(alice.identity, { op: 'update', roleId: power, permissions: ['files:delete'] });
  await until(async () => other.can(await now(userId, other), 'files:delete'));
  await assign(alice.identity, userId, [], [power]);
  await until(async () => !(await other.can(await now(userId, other), 'files:delete')));
});

t.test('who leaves has none of their roles when they come back', async (t) => {
  const power = await madeRole(['files:delete']);
  const { userId } = await member('viewer');
  await assign(alice.identity, userId, [power]);
  await auth.members.remove(tenantId, userId);
  await auth.members.add(tenantId, userId, 'viewer');
  t.strictSame((await now(userId)).customRoles, []);
});

t.test('lists go on where they stopped, one at a time', async (t) => {
  const all = (await auth.roles.list(tenantId, { limit: 100, cursor: null })).items.map(({ id }) => id);
  t.strictSame(all.slice(0, 4), ['owner', 'admin', 'member', 'viewer']);
  const ids: string[] = [];
  for (let cursor: string | null = null, pages = 0; pages <= all.length; pages += 1) {
    const page = await auth.roles.list(tenantId, { limit: 1, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  t.strictSame(ids, all);
  await t.rejects(auth.roles.list(tenantId, { limit: 1, cursor: 'bogus' }), { code: 'VALIDATION_ERROR' });
});

import { randomUUID } from 'node:crypto';
import t from 'tap';
import { registerUser, testAuth } from '../../../test/support/auth.ts';
import { statement } from '../../database/statement.ts';
import { kernelPermissions } from '../kernel-permissions.ts';

const { auth, database } = await testAuth(t);
const { teamMembers, teams } = auth;
const alice = await registerUser(auth);
const { tenantId } = alice;
const aliceId = alice.identity.principal.userId as string;
/** What the kernel lets a viewer do: who takes a viewer's role must hold that as well. */
const ofViewers = Object.entries(kernelPermissions).flatMap(([permission, { roles }]) => (roles.includes('viewer') ? [permission] : []));
const nothing = async (): Promise<void> => undefined;

async function member(role: string): Promise<string> {
  const { identity } = await registerUser(auth);
  const userId = identity.principal.userId as string;
  await auth.members.add(tenantId, userId, role);
  return userId;
}

async function customRole(permissions: string[]): Promise<string> {
  const id = randomUUID();
  await database.system((em) => statement(em, 'insert into kernel.roles (tenant_id, id, name, permissions) values ($1, $2, $3, $4::jsonb)', [tenantId, id, id, JSON.stringify(permissions)]));
  return id;
}

const by = (userId: string, scope: string[] | null = null) => ({ userId, scope });
const setRole = (actor: ReturnType<typeof by>, userId: string, role: string) => teamMembers.setRole(tenantId, { userId, role, expectedRole: null, actor }, nothing);
const remove = (actor: ReturnType<typeof by>, userId: string) => teamMembers.remove(tenantId, { userId, actor }, nothing);
const roleOf = async (userId: string) => (await teamMembers.get(tenantId, userId))?.role;

t.test('a role is given, changed and taken only by who holds all of it', async (test) => {
  const [reader, eraser, everything] = [await customRole(['files:read']), await customRole(['files:read', 'files:delete', ...ofViewers]), await customRole(['files:*'])];
  const [admin, viewer, holder, target] = [await member('admin'), await member('viewer'), await member(eraser), await member('viewer')];
  const denied: [string, ReturnType<typeof by>, string][] = [
    ['an admin, owner', by(admin), 'owner'],
    ['an admin, all that a plugin may ever declare', by(admin), everything],
    ['a viewer, what a viewer cannot do', by(viewer), eraser],
    ['a viewer, member', by(viewer), 'admin'],
    ['a custom role, a built-in one that holds more', by(holder), 'admin'],
    ['an owner’s key, beyond its scope', by(aliceId, ['files:read']), eraser],
    ['an owner’s key, owner', by(aliceId, ['files:*', 'keys:*', 'audit:*']), 'owner'],
    ['a stranger', by(randomUUID()), 'viewer'],
  ];
  for (const [what, actor, role] of denied) {
    await test.rejects(setRole(actor, target, role), { code: 'FORBIDDEN' }, what);
    await test.rejects(teamMembers.requireMayGive(tenantId, actor, role), { code: 'FORBIDDEN' }, what);
  }
  test.equal(await roleOf(target), 'viewer');
  await test.rejects(setRole(by(aliceId), target, randomUUID()), { code: 'NOT_FOUND' });
  const allowed: [ReturnType<typeof by>, string][] = [[by(viewer), reader], [by(holder), eraser], [by(admin), reader], [by(aliceId), everything], [by(aliceId), 'admin']];
  for (const [actor, role] of allowed) {
    await setRole(by(aliceId), target, 'viewer');
    test.equal((await setRole(actor, target, role)).role, role);
  }
  await test.rejects(remove(by(holder), target), { code: 'FORBIDDEN' }, 'an admin');
  await setRole(by(aliceId), target, 'viewer');
  await database.system((em) => statement(em, 'insert into kernel.role_assignments (tenant_id, user_id, role_id) values ($1, $2, $3)', [tenantId, target, everything]));
  await test.rejects(remove(by(admin), target), { code: 'FORBIDDEN' }, 'a viewer who holds more beside that');
  test.equal(await remove(by(aliceId), target), true);
  test.same(await database.system((em) => statement(em, 'select 1 from kernel.role_assignments where user_id = $1', [target])), [], 'nothing is left to come back to');
  test.equal(await remove(by(aliceId), target), false);
});

t.test('a role that changed in the meantime is not overwritten', async (test) => {
  const target = await member('viewer');
  const change = (expectedRole: string) => teamMembers.setRole(tenantId, { userId: target, role: 'member', expectedRole, actor: by(aliceId) }, nothing);
  await test.rejects(change('admin'), { code: 'CONFLICT', details: { reason: 'role-changed' } });
  test.equal((await change('viewer')).grantedBy, aliceId);
});

t.test('who is suspended counts for nothing', async (test) => {
  const [owner, target] = [await member('owner'), await member('viewer')];
  await database.system((em) => statement(em, `update kernel.users set status = 'suspended' where id = $1`, [owner]));
  await test.rejects(setRole(by(owner), target, 'member'), { code: 'FORBIDDEN' });
  await test.rejects(remove(by(aliceId), aliceId), { code: 'CONFLICT', details: { reason: 'last-owner' } }, 'the other owner cannot act');
  await test.rejects(teamMembers.join(tenantId, { userId: target, email: 'x@example.com', role: 'viewer', grantedBy: aliceId }, nothing), { code: 'FORBIDDEN', details: { reason: 'other-address' } });
});

t.test('what is written beside a change stands or falls with it', async (test) => {
  const target = await member('viewer');
  await test.rejects(teamMembers.setRole(tenantId, { userId: target, role: 'member', expectedRole: null, actor: by(aliceId) }, () => Promise.reject(new Error('no room'))), /no room/);
  test.equal(await roleOf(target), 'viewer');
  const id = randomUUID();
  await test.rejects(teams.create({ id, name: 'Crew', ownerId: aliceId }, () => Promise.reject(new Error('no room'))), /no room/);
  await test.rejects(teams.get(id), { code: 'NOT_FOUND' });
  test.match(await teams.create({ id, name: 'Crew', ownerId: aliceId }, nothing), { id, name: 'Crew' });
  test.match(await teams.create({ id, name: 'Crew', ownerId: aliceId }, () => Promise.reject(new Error('once'))), { id }, 'the same again is the same');
  await test.rejects(teams.create({ id, name: 'Mine', ownerId: target }, nothing), { code: 'NOT_FOUND' });
  test.match(await Promise.all([teams.delete(id, nothing), teams.delete(id, nothing)]).then((done) => done.toSorted()), [false, true]);
  await test.rejects(teams.rename(id, 'Back', nothing), { code: 'NOT_FOUND' });
});

t.test('members are found by beginnings, page by page', async (test) => {
  const all: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await teamMembers.find(tenantId, { search: null, role: null, limit: 2, cursor });
    all.push(...page.items.map(({ userId }) => userId));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  test.equal(new Set(all).size, all.length);
  test.same(all, all.toSorted());
  const found = async (search: string, role: string | null = null) => (await teamMembers.find(tenantId, { search, role, limit: 100, cursor: null })).items.length;
  test.equal(await found('aDA'), all.length);
  test.equal(await found('Tester'), all.length);
  test.equal(await found(alice.email), 1);
  test.equal(await found('ester'), 0, 'not in the middle');
  for (const text of ['%', '_', "'", '\\', '\u{10ffff}']) test.equal(await found(text), 0, 'is text');
  test.ok((await found('ada', 'owner')) < all.length);
  await test.rejects(teamMembers.find(tenantId, { search: null, role: null, limit: 2, cursor: 'x' }), { code: 'VALIDATION_ERROR' });
});

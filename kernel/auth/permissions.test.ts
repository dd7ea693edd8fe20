import { randomUUID } from 'node:crypto';
import t from 'tap';
import { registerUser, testAuth } from '../../test/support/auth.ts';
import type { Identity } from './contract.ts';

t.test('nothing is allowed unless something says so', async (test) => {
  const { auth } = await testAuth(test);
  const { identity: owner } = await registerUser(auth);
  const own = { ownerId: owner.principal.userId ?? '' };
  const denied: [name: string, identity: Identity, permission: string, resource?: { ownerId?: string }][] = [
    ['undeclared permission', owner, 'files:burn'],
    ['undeclared permission on one\'s own', owner, 'files:burn', own],
    ['no tenant', { ...owner, tenantId: null, role: null }, 'files:read'],
    ['no role', { ...owner, role: null }, 'files:read'],
    ['no role, on one\'s own', { ...owner, role: null }, 'files:read', own],
    ['role below', { ...owner, role: 'viewer' }, 'files:delete'],
    ['somebody else\'s', { ...owner, role: 'viewer' }, 'files:delete', { ownerId: randomUUID() }],
    ['owner unknown', { ...owner, role: 'viewer' }, 'files:delete', {}],
    ['unknown custom role', { ...owner, role: randomUUID() }, 'files:read'],
    ['nonsense role', { ...owner, role: "x' or true" }, 'files:read'],
    ['operator without membership', { ...owner, role: null, principal: { ...owner.principal, operator: true } }, 'files:read'],
    ['operator as viewer', { ...owner, role: 'viewer', principal: { ...owner.principal, operator: true } }, 'files:delete'],
    ['public', { ...owner, principal: { ...owner.principal, kind: 'public' } }, 'files:read'],
    ['key without the permission', { ...owner, scope: ['files:read'] }, 'files:delete'],
    ['key without any', { ...owner, scope: [] }, 'files:read'],
    ['key for another plugin', { ...owner, scope: ['file:*', '*', '*:*'] }, 'files:read'],
    ['key on one\'s own', { ...owner, scope: [] }, 'files:delete', own],
    ['system without tenant', { ...owner, tenantId: null, principal: { kind: 'system', userId: null, credentialId: null, operator: false } }, 'files:read'],
    ['nobody owns nothing', { ...owner, role: 'viewer', principal: { ...owner.principal, userId: null } }, 'files:delete', {}],
  ];
  for (const [name, identity, permission, resource] of denied) test.equal(await auth.can(identity, permission, resource), false, name);

  const allowed: [name: string, identity: Identity, permission: string, resource?: { ownerId?: string }][] = [
    ['role', owner, 'files:delete'],
    ['role below, on one\'s own', { ...owner, role: 'viewer' }, 'files:delete', own],
    ['key with the permission', { ...owner, scope: ['files:delete'] }, 'files:delete'],
    ['key for the plugin', { ...owner, scope: ['files:*'] }, 'files:delete'],
    ['the system in a tenant', { ...owner, role: null, principal: { kind: 'system', userId: null, credentialId: null, operator: false } }, 'files:delete'],
  ];
  for (const [name, identity, permission, resource] of allowed) test.equal(await auth.can(identity, permission, resource), true, name);
});

t.test('a custom role counts in its tenant only, and a change of it at once', async (test) => {
  const { auth } = await testAuth(test);
  const [{ identity }, other] = [await registerUser(auth), await registerUser(auth)];
  const beside = async () => undefined;
  const [made] = await auth.roles.change(identity, [{ op: 'create', name: 'Cleaner', description: '', permissions: ['files:delete'] }], beside);
  const id = made?.target ?? '';
  const cleaner = { ...identity, role: id };
  test.equal(await auth.can(cleaner, 'files:delete'), true);
  test.equal(await auth.can(cleaner, 'files:read'), false);
  test.equal(await auth.can({ ...cleaner, tenantId: other.tenantId }, 'files:delete'), false);
  await auth.roles.change(identity, [{ op: 'update', roleId: id, permissions: ['files:read'] }], beside);
  test.equal(await auth.can(cleaner, 'files:delete'), false);
  test.equal(await auth.can(cleaner, 'files:read'), true);
});

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { generateKey, registerUser, testAuth, testCaller } from '../../test/support/auth.ts';
import { statement } from '../database/statement.ts';
import { holderOf } from './keys/index.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
const forbidden = { code: 'FORBIDDEN' };

/** Asks again until it is refused; the revocation must reach every node within a second. */
async function refusedWithin(timeoutMs: number, ask: () => Promise<unknown>): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    try {
      await ask();
    } catch {
      return true;
    }
    await delay(10);
  }
  return false;
}

t.test('a foreign tenant is forbidden, whether it exists or not', async (test) => {
  const { auth } = await testAuth(test);
  const [ada, eve] = [await registerUser(auth), await registerUser(auth)];
  const messages = new Set<string>();
  for (const teamId of [ada.tenantId, randomUUID(), 'no uuid', '../x', ada.tenantId.toUpperCase()]) {
    const error = await auth.authenticate({ authorization: eve.authorization, teamId }).catch((thrown: unknown) => thrown as Error);
    test.match(error, forbidden, teamId);
    messages.add((error as Error).message);
  }
  test.equal(messages.size, 1);
  await test.rejects(auth.authenticate({ authorization: 'Bearer x', teamId: ada.tenantId }), unauthorized, 'a stranger learns nothing of teams');
  await test.rejects(auth.authenticate({ authorization: 'Bearer x', teamId: 'x' }), unauthorized);
  test.match(await auth.authenticate({ authorization: ada.authorization, teamId: ada.tenantId }), { tenantId: ada.tenantId, role: 'owner' });
});

t.test('without credentials there is no identity, and two kinds at once are refused', async (test) => {
  const { auth } = await testAuth(test);
  const { authorization } = await registerUser(auth);
  test.equal(await auth.authenticate({}), null);
  test.equal(await auth.authenticate({ teamId: randomUUID() }), null);
  await test.rejects(auth.authenticate({ authorization, apiKey: 'x' }), unauthorized);
  test.match(await auth.authenticate({ authorization }), { principal: { kind: 'user', operator: false }, impersonatorId: null, scope: null });
});

t.test('a removed member loses access at once, here and within a second elsewhere', async (test) => {
  const { auth, database } = await testAuth(test);
  const { auth: otherNode } = await testAuth(test, { database });
  const [ada, bob] = [await registerUser(auth), await registerUser(auth)];
  await auth.members.add(ada.tenantId, bob.user.id, 'member');
  const asBob = { authorization: bob.authorization, teamId: ada.tenantId };
  test.match(await auth.authenticate(asBob), { tenantId: ada.tenantId, role: 'member' });
  test.match(await otherNode.authenticate(asBob), { role: 'member' });
  test.match(await otherNode.identityOf(bob.user.id, ada.tenantId), { role: 'member', credentialId: null });
  const heard: unknown[] = [];
  otherNode.onRevoked((what) => heard.push(what));
  await auth.members.setRole(ada.tenantId, bob.user.id, 'viewer');
  test.match(await auth.authenticate(asBob), { role: 'viewer' });
  await auth.members.remove(ada.tenantId, bob.user.id);
  await test.rejects(auth.authenticate(asBob), forbidden);
  test.equal(await auth.identityOf(bob.user.id, ada.tenantId), null);
  test.ok(await refusedWithin(1_000, () => otherNode.authenticate(asBob)));
  test.same(heard, [{ userId: bob.user.id, tenantId: ada.tenantId }], 'once, and not for the change of role');
  test.equal(await otherNode.identityOf(bob.user.id, ada.tenantId), null);
  test.ok(await auth.authenticate({ authorization: bob.authorization }), 'their own tenant stays theirs');
});

t.test('a suspended user or tenant loses access at once, here and within a second elsewhere', async (test) => {
  const { auth, database } = await testAuth(test);
  const { auth: otherNode } = await testAuth(test, { database });
  for (const what of ['user', 'tenant'] as const) {
    const ada = await registerUser(auth);
    const credentials = { authorization: ada.authorization };
    const key = (await generateKey(auth, ada.identity)).key;
    await Promise.all([otherNode.authenticate(credentials), otherNode.authenticate({ apiKey: key }), auth.authenticate({ apiKey: key })]);
    if (what === 'user') await auth.members.suspendUser(ada.user.id);
    else await auth.members.suspendTenant(ada.tenantId);
    await test.rejects(auth.authenticate(credentials), unauthorized);
    await test.rejects(auth.authenticate({ apiKey: key }), unauthorized);
    test.ok(await refusedWithin(1_000, () => otherNode.authenticate(credentials)));
    test.ok(await refusedWithin(1_000, () => otherNode.authenticate({ apiKey: key })));
    if (what === 'user') await test.rejects(auth.accounts.refresh(ada.refreshToken), unauthorized);
  }
});

t.test('unknown users, tenants and roles make no membership', async (test) => {
  const { auth } = await testAuth(test);
  const [ada, bob] = [await registerUser(auth), await registerUser(auth)];
  await test.rejects(auth.members.add(ada.tenantId, randomUUID(), 'member'), { code: 'NOT_FOUND' });
  await test.rejects(auth.members.add(randomUUID(), bob.user.id, 'member'), { code: 'NOT_FOUND' });
  for (const role of ['king', randomUUID(), '']) await test.rejects(auth.members.add(ada.tenantId, bob.user.id, role), { code: 'NOT_FOUND' });
  const [bobs] = await auth.roles.change(bob.identity, [{ op: 'create', name: 'x', description: '', permissions: [] }], async () => undefined);
  await test.rejects(auth.members.add(ada.tenantId, bob.user.id, bobs?.target ?? ''), { code: 'NOT_FOUND' }, 'a role of another tenant');
  await test.rejects(auth.authenticate({ authorization: bob.authorization, teamId: ada.tenantId }), forbidden);
});

t.test('the last owner stays', async (test) => {
  const { auth } = await testAuth(test);
  const [ada, bob] = [await registerUser(auth), await registerUser(auth)];
  await test.rejects(auth.members.remove(ada.tenantId, ada.user.id), { code: 'CONFLICT' });
  await test.rejects(auth.members.setRole(ada.tenantId, ada.user.id, 'viewer'), { code: 'CONFLICT' });
  await test.rejects(auth.members.remove(ada.tenantId, bob.user.id), { code: 'NOT_FOUND' });
  await auth.members.add(ada.tenantId, bob.user.id, 'owner');
  await test.rejects(auth.members.add(ada.tenantId, bob.user.id, 'owner'), { code: 'CONFLICT' });
  const outcomes = await Promise.allSettled([auth.members.remove(ada.tenantId, ada.user.id), auth.members.remove(ada.tenantId, bob.user.id)]);
  test.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
});

t.test('a refresh leaves a tenant that the user was removed from', async (test) => {
  const { auth, database } = await testAuth(test);
  const [ada, bob] = [await registerUser(auth), await registerUser(auth)];
  await auth.members.add(ada.tenantId, bob.user.id, 'member');
  await database.system((em) => statement(em, 'update kernel.sessions set tenant_id = $1 where id = $2', [ada.tenantId, bob.identity.credentialId]));
  const inTeam = await auth.accounts.refresh(bob.refreshToken);
  test.match(await auth.authenticate({ authorization: `Bearer ${inTeam.accessToken}` }), { tenantId: ada.tenantId });
  await auth.members.remove(ada.tenantId, bob.user.id);
  await test.rejects(auth.authenticate({ authorization: `Bearer ${inTeam.accessToken}` }), unauthorized);
  const next = await auth.accounts.refresh(inTeam.refreshToken);
  test.match(await auth.authenticate({ authorization: `Bearer ${next.accessToken}` }), { tenantId: bob.tenantId });
});

t.test('API keys: wrong, foreign, expired and revoked ones are refused', async (test) => {
  const { auth, database } = await testAuth(test);
  const [ada, eve] = [await registerUser(auth), await registerUser(auth)];
  const { id, key } = await generateKey(auth, ada.identity, { permissions: ['files:read'] });
  const expired = await generateKey(auth, ada.identity, { expiresAt: new Date(Date.now() + 60_000) });
  await database.system((em) => statement(em, `update kernel.api_keys set expires_at = now() - interval '1 second' where id = $1`, [expired.id]));
  for (const apiKey of ['', 'px_', key.slice(0, -1), `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, key.replace('px_', 'pk_'), `px_live_${'0'.repeat(71)}`, expired.key]) {
    await test.rejects(auth.authenticate({ apiKey }), unauthorized, apiKey.slice(0, 12));
  }
  await test.rejects(auth.authenticate({ apiKey: key, teamId: eve.tenantId }), forbidden);
  test.match(await auth.authenticate({ apiKey: key, teamId: ada.tenantId }), { principal: { kind: 'api-key', credentialId: id, operator: false }, tenantId: ada.tenantId, scope: ['files:read'] });
  await test.rejects(auth.apiKeys.revoke(holderOf(eve.identity), id, testCaller), { code: 'NOT_FOUND' });
  test.match(await auth.apiKeys.revoke(holderOf(ada.identity), id, testCaller), { id, status: 'revoked' });
  await test.rejects(auth.authenticate({ apiKey: key }), unauthorized);
});

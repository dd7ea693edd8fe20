import t from 'tap';
import { goodPassword, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { statement } from '../../database/statement.ts';
import type { Identity } from '../contract.ts';
import type { Actor } from './actor.ts';
import { mergePatch } from './profile.ts';

const { auth, database } = await testAuth(t, { config: { accountGraceDays: 30 } });
const { people } = auth;
const nothing = async (): Promise<void> => undefined;
const actorOf = ({ principal, impersonatorId, tenantId }: Identity): Actor => ({ principal, impersonatorId, tenantId, requestId: null });
const system: Actor = { principal: { kind: 'system', userId: null, credentialId: null, operator: false }, impersonatorId: null, tenantId: null, requestId: null };

type Person = Awaited<ReturnType<typeof registerUser>>;
const idOf = ({ user }: Person): string => user.id;
const join = (team: Person, member: Person, role: string) => auth.members.add(team.tenantId, idOf(member), role);
const makeDue = (person: Person) => database.system((em) => statement(em, `update kernel.users set erase_at = now() - interval '1 second' where id = $1`, [idOf(person)]));
const one = async <T extends object>(sql: string, parameters: unknown[]): Promise<T | undefined> => (await database.system((em) => statement<T>(em, sql, parameters)))[0];

async function operator(): Promise<{ person: Person; identity: Identity }> {
  const person = await registerUser(auth);
  await database.system((em) => statement(em, 'update kernel.users set operator = true where id = $1', [idOf(person)]));
  const { accessToken } = (await auth.accounts.login({ email: person.email, password: goodPassword }, testCaller)) as { accessToken: string };
  const identity = await auth.authenticate({ authorization: `Bearer ${accessToken}` });
  if (identity === null) throw new Error('no identity');
  return { person, identity: { ...identity, principal: { ...identity.principal, operator: true } } };
}

t.test('a merge patch does what RFC 7396 says', async (t) => {
  for (const [target, patch, result] of [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ['foo', { a: 1 }, { a: 1 }],
  ] as const) t.same(mergePatch(target, patch), result);
  t.same(Object.keys(mergePatch({}, JSON.parse('{"__proto__": {"x": 1}}')) as object), ['__proto__'], 'a name is a name');
});

t.test('leaving needs more than a session: the password, or a fresh second factor', async (t) => {
  const person = await registerUser(auth);
  const actor = actorOf(person.identity);
  await t.rejects(people.leaving.request(actor, { password: null, address: null }, nothing), { code: 'CONFIRMATION_REQUIRED' });
  await t.rejects(people.leaving.request(actor, { password: 'wrong', address: null }, nothing), { code: 'UNAUTHORIZED' });
  await t.rejects(people.leaving.request({ ...actor, impersonatorId: idOf(person) }, { password: goodPassword, address: null }, nothing), { code: 'FORBIDDEN' });
  await t.rejects(people.leaving.request({ ...actor, principal: { ...actor.principal, kind: 'api-key' } }, { password: goodPassword, address: null }, nothing), { code: 'FORBIDDEN' });
  t.match(await one('select erase_at from kernel.users where id = $1', [idOf(person)]), { erase_at: null });
  await database.system((em) => statement(em, 'update kernel.sessions set second_factor = true where id = $1', [person.identity.credentialId]));
  const { eraseAt } = await people.leaving.request(actor, { password: null, address: null }, nothing);
  t.ok(Date.parse(eraseAt) - Date.now() > 29 * 86_400_000);
  t.equal((await people.leaving.request(actor, { password: goodPassword, address: null }, nothing)).eraseAt, eraseAt, 'asked for again it changes nothing');
  t.match(await one<{ state: string }>(`select state from kernel.mails where recipient = $1 and purpose = 'account-erasure-requested'`, [person.email]), { state: 'held' });
  t.ok(await auth.authenticate({ authorization: person.authorization }), 'this session goes on');
  t.same(await people.erasure.run(system, { userId: null, limit: 10 }, nothing), [], 'nothing is due yet');
  t.match(await people.leaving.restore(actor, nothing), { eraseAt: null });
});

t.test('the last operator stays', async (t) => {
  const { person, identity } = await operator();
  await t.rejects(people.leaving.request(actorOf(identity), { password: goodPassword, address: null }, nothing), { code: 'CONFLICT' });
  t.match(await one('select erase_at from kernel.users where id = $1', [idOf(person)]), { erase_at: null });
});

t.test('an erasure happens once, passes teams on, and is told in every team', async (t) => {
  const [person, admin, member, newest] = [await registerUser(auth), await registerUser(auth), await registerUser(auth), await registerUser(auth)];
  await join(person, member, 'member');
  await join(person, newest, 'admin');
  await join(person, admin, 'admin');
  await join(member, person, 'viewer');
  await database.system((em) => statement(em, `update kernel.memberships set created_at = created_at - interval '1 day' where tenant_id = $1 and user_id = $2`, [person.tenantId, idOf(admin)]));
  await makeDue(person);
  const told: string[] = [];
  const tell = async (_em: unknown, tenantId: string, { userId, teamGone }: { userId: string; teamGone: boolean }): Promise<void> => {
    t.equal(userId, idOf(person));
    t.notOk(teamGone);
    told.push(tenantId);
  };
  const runs = await Promise.all([1, 2, 3].map(() => people.erasure.run(system, { userId: idOf(person), limit: 10 }, tell)));
  t.same(runs.flat(), [idOf(person)]);
  t.same(told.toSorted(), [person.tenantId, member.tenantId].toSorted());
  t.match(await one('select role from kernel.memberships where tenant_id = $1 and user_id = $2', [person.tenantId, idOf(admin)]), { role: 'owner' }, 'the admin who has been there for longest');
  t.equal((await auth.identityOf(idOf(admin), person.tenantId))?.role, 'owner');
  t.match(await one('select status from kernel.tenants where id = $1', [person.tenantId]), { status: 'active' });
  await t.rejects(auth.authenticate({ authorization: person.authorization }), { code: 'UNAUTHORIZED' });
  t.match(await auth.verifyAudit(person.tenantId), { ok: true });
  t.match(await auth.verifyAudit(null), { ok: true });
});

t.test('what cannot be told is not erased', async (t) => {
  const person = await registerUser(auth);
  await makeDue(person);
  await t.rejects(people.erasure.run(system, { userId: idOf(person), limit: 1 }, async () => Promise.reject(new Error('the outbox is full'))), /outbox/);
  t.match(await one('select email from kernel.users where id = $1', [idOf(person)]), { email: person.email });
  t.match(await one('select 1 as one from kernel.credentials where user_id = $1', [idOf(person)]), { one: 1 });
});

t.test('an impersonation ends with its operator', async (t) => {
  const [first, second, person] = [await operator(), await operator(), await registerUser(auth)];
  const given = { userId: idOf(person), reason: 'Ticket', tenantId: null, address: null };
  await t.rejects(people.impersonation.begin(actorOf(person.identity), { ...given, userId: idOf(first.person) }, nothing), { code: 'FORBIDDEN' });
  await t.rejects(people.impersonation.begin(actorOf(first.identity), { ...given, userId: idOf(second.person) }, nothing), { code: 'FORBIDDEN' }, 'not towards operators');
  await t.rejects(people.impersonation.begin(actorOf(first.identity), { ...given, tenantId: first.person.tenantId }, nothing), { code: 'NOT_FOUND' }, 'not into a team that the user is not in');
  const { accessToken } = await people.impersonation.begin(actorOf(first.identity), given, nothing);
  const authorization = `Bearer ${accessToken}`;
  const acting = await auth.authenticate({ authorization });
  t.match(acting, { principal: { userId: idOf(person), operator: false }, impersonatorId: idOf(first.person) });
  if (acting === null) throw new Error('nobody');
  await t.rejects(people.impersonation.begin(actorOf(acting), { ...given, userId: idOf(second.person) }, nothing), { code: 'FORBIDDEN' });
  await people.suspension.setAccount(actorOf(second.identity), { userId: idOf(first.person), status: 'suspended', reason: null }, nothing);
  await t.rejects(auth.authenticate({ authorization }), { code: 'UNAUTHORIZED' });
  await t.rejects(people.impersonation.begin(actorOf(first.identity), given, nothing), { code: 'FORBIDDEN' }, 'rights are read when they are used');
});

t.test('membership: nobody shuts out who holds more, nor themselves', async (t) => {
  const [owner, admin, member] = [await registerUser(auth), await registerUser(auth), await registerUser(auth)];
  await join(owner, admin, 'admin');
  await join(owner, member, 'member');
  const as = async (person: Person): Promise<Actor> => ({ ...actorOf(person.identity), tenantId: owner.tenantId });
  const suspend = (person: Person) => ({ userId: idOf(person), status: 'suspended' as const, reason: null });
  await t.rejects(people.suspension.setMembership(await as(admin), suspend(owner), nothing), { code: 'FORBIDDEN' });
  await t.rejects(people.suspension.setMembership(await as(owner), suspend(owner), nothing), { code: 'CONFLICT' });
  t.equal(await people.suspension.setMembership(await as(admin), suspend(member), nothing), true);
  t.equal(await auth.identityOf(idOf(member), owner.tenantId), null);
  await t.rejects(people.suspension.setMembership(await as(member), suspend(admin), nothing), { code: 'FORBIDDEN' }, 'who is shut out themselves');
});

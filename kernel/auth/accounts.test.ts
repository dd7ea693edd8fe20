import t from 'tap';
import { goodPassword, logIn, registerUser, testAuth, testCaller } from '../../test/support/auth.ts';
import { statement } from '../database/statement.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
const limited = { code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: Number };
const message = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'ok', (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message}`);
const wide = { throttle: { account: { free: 1000, longestSeconds: 1 }, address: { free: 1000, longestSeconds: 1 } } };

t.test('a login that fails says the same, whatever was wrong, and after the same work', async (test) => {
  const { auth } = await testAuth(test, { config: { ...wide, bcryptCost: 9 } });
  const user = await registerUser(auth);
  const suspended = await registerUser(auth);
  await auth.members.suspendUser(suspended.user.id);
  const attempts: [email: string, password: string][] = [
    [user.email, 'wrong'],
    ['nobody@example.com', goodPassword],
    ['no address', goodPassword],
    ['\0', goodPassword],
    [user.email, `${goodPassword}\0`],
    [suspended.email, goodPassword],
  ];
  const answers = new Set<string>();
  const took: number[] = [];
  for (const [email, password] of attempts) {
    const start = performance.now();
    answers.add(await message(auth.accounts.login({ email, password }, testCaller)));
    took.push(performance.now() - start);
  }
  test.same([...answers], ['UNAUTHORIZED Email or password is wrong.']);
  // one bcrypt at cost 9 is far longer than everything else: without it an attempt would be over at once
  test.ok(Math.min(...took) > 10, `fastest ${Math.min(...took).toFixed(1)} ms`);
});

t.test('bad registrations are refused and leave nothing', async (test) => {
  const { auth, database } = await testAuth(test);
  const good = { email: 'a@example.com', password: goodPassword, firstName: 'Ada', lastName: 'L' };
  for (const bad of [{ email: 'a' }, { password: 'short' }, { password: 'a\0b' }, { firstName: '' }, { firstName: ' ' }, { lastName: 'a\nb' }, { lastName: 'x\u202e' }, { firstName: 'x'.repeat(101) }]) {
    await test.rejects(auth.account.register({ ...good, ...bad }, testCaller), { code: 'VALIDATION_ERROR', details: { field: `body.${Object.keys(bad)[0]}` } }, JSON.stringify(bad));
  }
  const first = await auth.account.register(good, testCaller);
  test.same(await auth.account.register({ ...good, email: ' A@EXAMPLE.com' }, testCaller), first, 'a taken address gets the same answer');
  const [counts] = await database.system((em) => statement(em, 'select (select count(*)::int from kernel.users) as users, (select count(*)::int from kernel.tenants) as tenants, (select count(*)::int from kernel.memberships) as memberships, (select count(*)::int from kernel.audit_chains) as chains'));
  test.same(counts, { users: 1, tenants: 1, memberships: 1, chains: 1 });
});

t.test('one account is made when several ask at once', async (test) => {
  const { auth, database } = await testAuth(test);
  const good = { email: 'a@example.com', password: goodPassword, firstName: 'Ada', lastName: 'L' };
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => message(auth.account.register(good, testCaller))));
  test.same(outcomes, ['ok', 'ok', 'ok', 'ok', 'ok']);
  const rows = await database.system((em) => statement(em, 'select u.email, (select count(*)::int from kernel.tenants) as tenants from kernel.users u'));
  test.same(rows, [{ email: 'a@example.com', tenants: 1 }]);
});

t.test('guessing is slowed down per account, also for accounts that do not exist, also at once', async (test) => {
  const { auth, database } = await testAuth(test, { config: { throttle: { account: { free: 3, longestSeconds: 900 }, address: { free: 1000, longestSeconds: 1 } } } });
  const { email } = await registerUser(auth);
  for (const target of [email, 'nobody@example.com']) {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => message(auth.accounts.login({ email: target, password: 'wrong' }, testCaller))));
    test.equal(outcomes.filter((outcome) => outcome.startsWith('UNAUTHORIZED')).length, 4, 'three free ones, and the one that closes the door');
    test.equal(outcomes.filter((outcome) => outcome.startsWith('RATE_LIMIT_EXCEEDED')).length, 8);
    await test.rejects(auth.accounts.login({ email: target.toUpperCase(), password: goodPassword }, { ...testCaller, address: '192.0.2.77' }), limited, 'the right password, too');
  }
  // each door stays closed longer than the one before
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await database.system((em) => statement(em, 'update kernel.login_throttles set locked_until = now() where locked_until is not null'));
    await test.rejects(auth.accounts.login({ email, password: 'wrong' }, testCaller), unauthorized);
    const error = await auth.accounts.login({ email, password: 'wrong' }, testCaller).catch((thrown: unknown) => thrown);
    waits.push((error as { retryAfterSeconds: number }).retryAfterSeconds);
  }
  test.same(waits, [4, 8, 16, 32].map((seconds) => seconds / 2));
  await database.system((em) => statement(em, 'update kernel.login_throttles set locked_until = now() where locked_until is not null'));
  await auth.accounts.login({ email, password: goodPassword }, testCaller);
  await test.rejects(auth.accounts.login({ email, password: 'wrong' }, testCaller), unauthorized, 'a success opens the door for good');
  await auth.accounts.login({ email, password: goodPassword }, testCaller);
});

t.test('guessing is slowed down per address, an IPv6 network counting as one', async (test) => {
  const { auth } = await testAuth(test, { config: { throttle: { account: { free: 1000, longestSeconds: 1 }, address: { free: 5, longestSeconds: 900 } } } });
  const { email } = await registerUser(auth);
  for (let guess = 0; guess < 6; guess += 1) await test.rejects(auth.accounts.login({ email: `user${guess}@example.com`, password: 'x' }, { ...testCaller, address: `2001:db8:1:2::${guess}` }), unauthorized);
  await test.rejects(auth.accounts.login({ email, password: goodPassword }, { ...testCaller, address: '2001:db8:1:2:ffff::1' }), limited);
  await auth.accounts.login({ email, password: goodPassword }, { ...testCaller, address: '2001:db8:1:3::1' });
  for (let honest = 0; honest < 10; honest += 1) await auth.accounts.login({ email, password: goodPassword }, { ...testCaller, address: '192.0.2.9' });
});

t.test('changing the password ends the other sessions and keeps this one', async (test) => {
  const { auth } = await testAuth(test);
  const user = await registerUser(auth);
  const other = await logIn(auth, user.email);
  const next = 'violet-Anchor-77-river';
  const revoked: unknown[] = [];
  auth.onRevoked((what) => revoked.push(what));
  await test.rejects(auth.accounts.changePassword(user.identity, { currentPassword: 'wrong', newPassword: next }, testCaller), unauthorized);
  await test.rejects(auth.accounts.changePassword(user.identity, { currentPassword: goodPassword, newPassword: 'password' }, testCaller), { code: 'VALIDATION_ERROR', details: { field: 'body.newPassword' } });
  test.same(revoked, []);
  await auth.accounts.changePassword(user.identity, { currentPassword: goodPassword, newPassword: next }, testCaller);
  test.equal(revoked.length, 1);
  await test.rejects(auth.authenticate({ authorization: `Bearer ${other.accessToken}` }), unauthorized);
  await test.rejects(auth.accounts.refresh(other.refreshToken), unauthorized);
  await test.rejects(auth.accounts.login({ email: user.email, password: goodPassword }, testCaller), unauthorized);
  test.ok(await auth.authenticate({ authorization: user.authorization }));
  await auth.accounts.refresh(user.refreshToken);
  await auth.accounts.login({ email: user.email, password: next }, testCaller);
});

t.test('registering, logging in and changing the password are in the audit log', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  await auth.accounts.login({ email: user.email, password: goodPassword }, testCaller);
  const rows = await database.tenant(user.tenantId, (em) => statement(em, 'select action from kernel.audit_entries order by sequence'));
  test.same(rows, [{ action: 'auth.registered' }, { action: 'auth.logged-in' }, { action: 'auth.logged-in' }]);
  test.same(await auth.verifyAudit(user.tenantId), { ok: true, entries: 3, brokenAt: null });
});

t.test('a hash of an older cost is renewed at the next login', async (test) => {
  const { auth, database } = await testAuth(test);
  const { email } = await registerUser(auth);
  const { auth: later } = await testAuth(test, { database, config: { bcryptCost: 5 } });
  await later.accounts.login({ email, password: goodPassword }, testCaller);
  const [row] = await database.system((em) => statement<{ secret: string }>(em, 'select secret from kernel.credentials'));
  test.match(row?.secret, /^\$2b\$05\$/);
  await later.accounts.login({ email, password: goodPassword }, testCaller);
});

import t from 'tap';
import { goodPassword, logIn, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { ageSessions, auditActions, codeAt, firstStep, identityOf, mailTo, openDoors, testClock, userWithTotp, wrongCode } from '../../../test/support/second-factor.ts';
import { statement } from '../../database/statement.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
const limited = { code: 'RATE_LIMIT_EXCEEDED' };
const outcome = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'ok', (error: unknown) => (error as { code: string }).code);
/** the address that every test comes from is no matter here */
const config = { throttle: { address: { free: 10_000, longestSeconds: 1 } } };

t.test('enrolling asks again for who it is, and nothing is on before a first code', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await registerUser(auth);
  const other = await logIn(auth, user.email);
  await ageSessions(database);

  await test.rejects(auth.secondFactor.enroll(user.identity, undefined, testCaller), { code: 'CONFIRMATION_REQUIRED', details: { field: 'body.password' } });
  await test.rejects(auth.secondFactor.enroll(user.identity, 'wrong', testCaller), unauthorized);
  await test.rejects(auth.secondFactor.enroll(null, goodPassword, testCaller), unauthorized);
  await test.rejects(auth.secondFactor.enroll({ ...user.identity, impersonatorId: crypto.randomUUID() }, goodPassword, testCaller), { code: 'FORBIDDEN' });
  await test.rejects(auth.secondFactor.enroll({ ...user.identity, principal: { ...user.identity.principal, kind: 'api-key' } }, goodPassword, testCaller), { code: 'FORBIDDEN' });
  await test.rejects(auth.secondFactor.confirm(user.identity, '000000', testCaller), unauthorized, 'without enrolling');
  const { secret, uri } = await auth.secondFactor.enroll(user.identity, goodPassword, testCaller);
  test.match(uri, `secret=${secret}`);
  test.match(await auth.secondFactor.state(user.identity), { enabled: false, enabledAt: null, recoveryCodesLeft: 0, passkeys: 0 });
  await logIn(auth, user.email);

  const again = await auth.secondFactor.enroll(user.identity, goodPassword, testCaller);
  test.not(again.secret, secret);
  await test.rejects(auth.secondFactor.confirm(user.identity, codeAt(secret, clock.now()), testCaller), unauthorized, 'the secret before it is forgotten');
  await test.rejects(auth.secondFactor.confirm(user.identity, wrongCode(again.secret, clock.now()), testCaller), unauthorized);
  await database.system((em) => statement(em, `update kernel.totp_secrets set created_at = now() - interval '16 minutes'`));
  await test.rejects(auth.secondFactor.confirm(user.identity, codeAt(again.secret, clock.now()), testCaller), unauthorized, 'it took too long');
  await database.system((em) => statement(em, 'update kernel.totp_secrets set created_at = now()'));
  test.ok(await auth.authenticate({ authorization: `Bearer ${other.accessToken}` }), 'nothing has happened to the other session yet');

  const { recoveryCodes } = await auth.secondFactor.confirm(user.identity, codeAt(again.secret, clock.now()), testCaller);
  test.equal(new Set(recoveryCodes).size, 10);
  for (const code of recoveryCodes) test.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
  test.match(await auth.secondFactor.state(user.identity), { enabled: true, enabledAt: /^\d{4}-.*Z$/, recoveryCodesLeft: 10 });
  await test.rejects(auth.authenticate({ authorization: `Bearer ${other.accessToken}` }), unauthorized, 'the other session never showed a second factor');
  test.ok(await auth.authenticate({ authorization: user.authorization }));
  await test.rejects(auth.secondFactor.enroll(user.identity, goodPassword, testCaller), { code: 'CONFLICT' });
  test.equal((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.mfa-enabled').length, 1);
  test.match((await mailTo(database, user.email)).at(-1), 'mfa-enabled');
  const stored = await database.system((em) => statement<{ all: string }>(em, 'select (select string_agg(hash, chr(32)) from kernel.recovery_codes) || (select encode(sealed, \'escape\') from kernel.totp_secrets) as all'));
  test.notOk([again.secret, ...recoveryCodes].some((text) => JSON.stringify(stored).includes(text)), 'neither secret nor codes are readable at rest');
});

t.test('with a second factor on, a password alone gives no session', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await userWithTotp(auth, clock);
  const sessions = () => database.system((em) => statement(em, `select method, second_factor as "secondFactor" from kernel.sessions where user_id = $1 and revoked_at is null order by created_at`, [user.user.id]));
  test.same(await sessions(), [{ method: 'password', secondFactor: true }], 'the session that switched it on has shown it');
  const needed = await firstStep(auth, user.email);
  test.same(Object.keys(needed).toSorted(), ['expiresIn', 'methods', 'mfaRequired', 'mfaToken']);
  test.match(needed, { expiresIn: 300, methods: ['totp', 'recovery-code'] });
  test.equal((await sessions()).length, 1);

  const used = codeAt(user.secret, clock.now());
  await test.rejects(auth.secondStep.verify({ mfaToken: needed.mfaToken, code: used }, testCaller), unauthorized, 'the code that switched it on is used up');
  await test.rejects(auth.secondStep.verify({ mfaToken: needed.mfaToken }, testCaller), { code: 'VALIDATION_ERROR' });
  await test.rejects(auth.secondStep.verify({ mfaToken: needed.mfaToken, code: used, recoveryCode: user.recoveryCodes[0] }, testCaller), { code: 'VALIDATION_ERROR' });
  clock.step();
  const code = codeAt(user.secret, clock.now());
  for (const mfaToken of ['', 'x', user.refreshToken, needed.mfaToken.slice(1)]) await test.rejects(auth.secondStep.verify({ mfaToken, code }, testCaller), unauthorized);
  const login = await auth.secondStep.verify({ mfaToken: needed.mfaToken, code }, testCaller);
  test.match(login, { user: { id: user.user.id }, accessToken: String, refreshToken: String });
  test.same(await sessions(), [{ method: 'password', secondFactor: true }, { method: 'password', secondFactor: true }]);
  await test.rejects(auth.secondStep.verify({ mfaToken: needed.mfaToken, recoveryCode: user.recoveryCodes[0] }, testCaller), unauthorized, 'the token is used up');
  const rotated = await auth.accounts.refresh(login.refreshToken);
  test.match(await identityOf(auth, rotated), { principal: { userId: user.user.id } });
  test.same(await sessions(), [{ method: 'password', secondFactor: true }, { method: 'password', secondFactor: true }], 'a refresh keeps it');
  test.same((await auditActions(database, user.tenantId)).slice(-2), ['auth.second-factor-failed', 'auth.logged-in']);
});

t.test('a code is good once, whoever asks at the same time', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config: { throttle: { ...config.throttle, account: { free: 1000, longestSeconds: 1 } } }, now: clock.now });
  const user = await userWithTotp(auth, clock);
  const tokens: string[] = [];
  for (let index = 0; index < 20; index += 1) tokens.push((await firstStep(auth, user.email)).mfaToken);
  clock.step();
  const code = codeAt(user.secret, clock.now());
  const outcomes = await Promise.all(tokens.map((mfaToken) => outcome(auth.secondStep.verify({ mfaToken, code }, testCaller))));
  test.same(outcomes.toSorted(), [...Array.from({ length: 19 }, () => 'UNAUTHORIZED'), 'ok']);

  const recovered = await Promise.all(tokens.map((mfaToken) => outcome(auth.secondStep.verify({ mfaToken, recoveryCode: user.recoveryCodes[3] }, testCaller))));
  test.equal(recovered.filter((one) => one === 'ok').length, 1, 'nor is a recovery code');
  const [row] = await database.system((em) => statement<{ n: number }>(em, 'select count(*)::int as n from kernel.sessions where user_id = $1 and revoked_at is null', [user.user.id]));
  test.equal(row?.n, 3);
  test.match(await auth.secondFactor.state(user.identity), { recoveryCodesLeft: 9 });
  test.ok((await mailTo(database, user.email)).includes('recovery-code-used'));

  clock.step();
  const { mfaToken } = await firstStep(auth, user.email);
  const late = await Promise.all(Array.from({ length: 5 }, () => outcome(auth.secondStep.verify({ mfaToken, code: codeAt(user.secret, clock.now()) }, testCaller))));
  test.equal(late.filter((one) => one === 'ok').length, 1, 'one token gives one session');
});

t.test('guessing ends: five tries a token, and a door per account that a recovery code still passes', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await userWithTotp(auth, clock);
  clock.step();
  const bad = wrongCode(user.secret, clock.now());
  const first = await firstStep(auth, user.email);
  const guesses = await Promise.all(Array.from({ length: 12 }, () => outcome(auth.secondStep.verify({ mfaToken: first.mfaToken, code: bad }, testCaller))));
  test.equal(guesses.filter((one) => one === 'UNAUTHORIZED').length, 12);
  await test.rejects(auth.secondStep.verify({ mfaToken: first.mfaToken, code: codeAt(user.secret, clock.now()) }, testCaller), { message: 'This login has ended. Log in again.' });
  test.equal((await auditActions(database, user.tenantId)).filter((action) => action === 'auth.second-factor-failed').length, 5);

  // the password is known, so new tokens are had at will; the account counts on
  const second = await firstStep(auth, user.email);
  await test.rejects(auth.secondStep.verify({ mfaToken: second.mfaToken, code: bad }, testCaller), unauthorized);
  await test.rejects(auth.secondStep.verify({ mfaToken: second.mfaToken, code: codeAt(user.secret, clock.now()) }, { ...testCaller, address: '198.51.100.7' }), limited, 'also the right one, also from elsewhere');
  test.equal((await mailTo(database, user.email)).filter((purpose) => purpose === 'second-factor-guessed').length, 1, 'the owner hears of it, once');
  await auth.secondStep.verify({ mfaToken: second.mfaToken, recoveryCode: user.recoveryCodes[0]?.toLowerCase().replaceAll('-', ' ') }, testCaller);

  const waits: number[] = [];
  for (let round = 0; round < 18; round += 1) {
    await database.system((em) => statement(em, 'update kernel.login_throttles set locked_until = now()'));
    const { mfaToken } = await firstStep(auth, user.email);
    await test.rejects(auth.secondStep.verify({ mfaToken, code: bad }, testCaller), unauthorized);
    const error = await auth.secondStep.verify({ mfaToken, code: bad }, testCaller).catch((thrown: unknown) => thrown);
    waits.push((error as { retryAfterSeconds: number }).retryAfterSeconds);
  }
  test.equal(waits.at(-1), 21_600, 'six hours for each further guess');
  await openDoors(database);
  const last = await firstStep(auth, user.email);
  await auth.secondStep.verify({ mfaToken: last.mfaToken, code: codeAt(user.secret, clock.now()) }, testCaller);
});

t.test('a sign-in that is half done ends with what it began with', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await userWithTotp(auth, clock);
  const stranger = await userWithTotp(auth, clock);
  clock.step();
  const pending = await firstStep(auth, user.email);
  await test.rejects(auth.secondStep.verify({ mfaToken: pending.mfaToken, code: codeAt(stranger.secret, clock.now()) }, testCaller), unauthorized, 'another user’s code');
  await test.rejects(auth.secondStep.verify({ mfaToken: pending.mfaToken, recoveryCode: stranger.recoveryCodes[0] }, testCaller), unauthorized, 'another user’s recovery code');
  await auth.accounts.changePassword(user.identity, { currentPassword: goodPassword, newPassword: 'violet-Anchor-77-river' }, testCaller);
  await test.rejects(auth.secondStep.verify({ mfaToken: pending.mfaToken, code: codeAt(user.secret, clock.now()) }, testCaller), unauthorized, 'the password has changed');

  const late = await firstStep(auth, stranger.email);
  await database.system((em) => statement(em, `update kernel.one_time_tokens set expires_at = now()`));
  await test.rejects(auth.secondStep.verify({ mfaToken: late.mfaToken, code: codeAt(stranger.secret, clock.now()) }, testCaller), unauthorized, 'it took too long');
  const suspended = await firstStep(auth, stranger.email);
  await auth.members.suspendUser(stranger.user.id);
  await test.rejects(auth.secondStep.verify({ mfaToken: suspended.mfaToken, code: codeAt(stranger.secret, clock.now()) }, testCaller), unauthorized, 'the user was suspended');
  await auth.members.resumeUser(stranger.user.id);
  await test.rejects(auth.secondStep.verify({ mfaToken: suspended.mfaToken, code: codeAt(stranger.secret, clock.now()) }, testCaller), unauthorized, 'also when they are back');
});

t.test('switching off and new codes need who it is and a factor', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config, now: clock.now });
  const user = await userWithTotp(auth, clock);
  clock.step();
  const good = codeAt(user.secret, clock.now());
  await ageSessions(database);
  const changes: ((...given: Parameters<typeof auth.secondFactor.disable>) => Promise<unknown>)[] = [auth.secondFactor.disable, auth.secondFactor.renewCodes];
  for (const change of changes) {
    await test.rejects(change(user.identity, { code: good }, testCaller), { code: 'CONFIRMATION_REQUIRED' });
    await test.rejects(change(user.identity, { code: good, password: 'wrong' }, testCaller), unauthorized);
    await test.rejects(change(user.identity, { password: goodPassword }, testCaller), { code: 'VALIDATION_ERROR' });
    await test.rejects(change(user.identity, { password: goodPassword, code: wrongCode(user.secret, clock.now()) }, testCaller), unauthorized);
    await test.rejects(change({ ...user.identity, impersonatorId: crypto.randomUUID() }, { password: goodPassword, code: good }, testCaller), { code: 'FORBIDDEN' });
  }
  test.match(await auth.secondFactor.state(user.identity), { enabled: true, recoveryCodesLeft: 10 });

  const { recoveryCodes } = await auth.secondFactor.renewCodes(user.identity, { password: goodPassword, code: good }, testCaller);
  test.notOk(recoveryCodes.some((code) => user.recoveryCodes.includes(code)));
  await test.rejects(auth.secondFactor.disable(user.identity, { password: goodPassword, code: good }, testCaller), unauthorized, 'the code is used up');
  await test.rejects(auth.secondFactor.disable(user.identity, { password: goodPassword, recoveryCode: user.recoveryCodes[0] }, testCaller), unauthorized, 'the old codes have ended');
  await auth.secondFactor.disable(user.identity, { password: goodPassword, recoveryCode: recoveryCodes[0] }, testCaller);
  test.match(await auth.secondFactor.state(user.identity), { enabled: false, recoveryCodesLeft: 0 });
  await test.rejects(auth.secondFactor.disable(user.identity, { password: goodPassword, recoveryCode: recoveryCodes[1] }, testCaller), { code: 'NOT_FOUND' });
  await logIn(auth, user.email);
  test.same((await auditActions(database, user.tenantId)).filter((action) => action.startsWith('auth.mfa') || action.startsWith('auth.recovery')), ['auth.mfa-enabled', 'auth.recovery-codes-renewed', 'auth.mfa-disabled']);
  test.same((await mailTo(database, user.email)).filter((purpose) => purpose.includes('mfa') || purpose.includes('recovery')), ['mfa-enabled', 'recovery-codes-renewed', 'mfa-disabled']);
});

t.test('an operator lets somebody in again who lost everything', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config: { ...config, operator: { email: 'op@example.com', password: goodPassword } }, now: clock.now });
  const operator = await identityOf(auth, await logIn(auth, 'op@example.com'));
  const user = await userWithTotp(auth, clock);
  const pending = await firstStep(auth, user.email);
  await test.rejects(auth.secondFactor.reset(operator, crypto.randomUUID(), testCaller), { code: 'NOT_FOUND' });
  await auth.secondFactor.reset(operator, user.user.id, testCaller);
  await test.rejects(auth.authenticate({ authorization: user.authorization }), unauthorized);
  await test.rejects(auth.secondStep.verify({ mfaToken: pending.mfaToken, recoveryCode: user.recoveryCodes[0] }, testCaller), unauthorized);
  await logIn(auth, user.email);
  const [entry] = await database.system((em) => statement<{ entry: string }>(em, `select entry from kernel.audit_entries where action = 'auth.mfa-reset'`));
  test.match(JSON.parse(entry?.entry ?? '{}'), { tenantId: null, target: user.user.id, actor: { userId: operator.principal.userId, operator: true }, details: { totp: true, passkeys: 0 } });
  test.match((await mailTo(database, user.email)).at(-1), 'mfa-reset');
});

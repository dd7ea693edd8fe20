import t from 'tap';
import { goodPassword, logIn, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { until } from '../../../test/support/messaging.ts';
import { smtpServer, tokenIn } from '../../../test/support/smtp-server.ts';
import { statement } from '../../database/statement.ts';

const smtp = await smtpServer(t);
const { auth, database } = await testAuth(t, { mailServer: { smtpUrl: smtp.url } });
/** the same deployment, where an address need not be verified */
const { auth: open } = await testAuth(t, { database, mailServer: { smtpUrl: smtp.url }, config: { emailVerification: 'optional' } });

const badToken = { code: 'VALIDATION_ERROR', details: { field: 'body.token' } };
const wrongPair = { code: 'UNAUTHORIZED', message: 'Email or password is wrong.' };
const another = 'violet-Anchor-77-river';
const person = (email: string) => ({ email, password: goodPassword, firstName: 'Ada', lastName: 'Tester' });
const actionsOf = async (email: string) =>
  (await database.system((em) => statement<{ action: string }>(em, 'select action from kernel.audit_entries e join kernel.memberships m on m.tenant_id = e.tenant_id join kernel.users u on u.id = m.user_id where u.email = $1 order by sequence', [email]))).map(({ action }) => action);
/** Every mail that was asked for so far is written and handed over. */
async function quiet(): Promise<void> {
  await Promise.all([auth.account.idle(30_000), open.account.idle(30_000)]);
  await until(async () => (await database.system((em) => statement(em, `select 1 from kernel.mails where state = 'queued' limit 1`))).length === 0);
}
async function outcomes(tries: number, run: () => Promise<unknown>): Promise<{ good: number; refused: number }> {
  const settled = await Promise.allSettled(Array.from({ length: tries }, run));
  return { good: settled.filter(({ status }) => status === 'fulfilled').length, refused: settled.filter((one) => one.status === 'rejected' && (one.reason as { code?: string }).code === 'VALIDATION_ERROR').length };
}

t.test('an address counts once its mail was read; before that a login says what a wrong password says', async (test) => {
  const email = 'new@example.com';
  test.match(await auth.account.register(person(email), testCaller), { email, verificationRequired: true, message: String });
  const first = await smtp.mailTo(email, 'Confirm');
  await test.rejects(auth.accounts.login({ email, password: goodPassword }, testCaller), wrongPair);
  await quiet();
  const mails = smtp.allTo(email);
  test.equal(mails.length, 2, 'who knows the password gets the mail again');
  await test.rejects(auth.accounts.login({ email, password: 'wrong' }, testCaller), wrongPair);
  await quiet();
  test.equal(smtp.allTo(email).length, 2, 'who does not, does not');

  for (const token of ['x', '', 'A'.repeat(43)]) await test.rejects(auth.account.verification.verify(token, testCaller), badToken);
  test.same(await outcomes(20, () => auth.account.verification.verify(tokenIn(first), testCaller)), { good: 1, refused: 19 }, 'once, however many ask at once');
  await test.rejects(auth.account.verification.verify(tokenIn(mails[1] as never), testCaller), badToken, 'the other token ended with it');
  await logIn(auth, email);
  test.same(await actionsOf(email), ['auth.registered', 'auth.email-verified', 'auth.logged-in']);
  const [row] = await database.system((em) => statement(em, 'select last_login_at is not null as seen, email_verified_at is not null as verified from kernel.users where email = $1', [email]));
  test.same(row, { seen: true, verified: true });
});

t.test('registering a taken address answers alike, changes nothing and tells its owner', async (test) => {
  const owner = await registerUser(open, 'taken@example.com');
  const answers = [await auth.account.register({ ...person('fresh@example.com'), password: another }, testCaller), await auth.account.register({ ...person(owner.email), password: another, firstName: 'Eve' }, testCaller)];
  test.same({ ...answers[0], email: '' }, { ...answers[1], email: '' });
  const told = await smtp.mailTo(owner.email, 'already have an account');
  test.notMatch(told.message.text, /token=/);
  await logIn(open, owner.email);
  await test.rejects(open.accounts.login({ email: owner.email, password: another }, testCaller), wrongPair);
  test.same(await actionsOf(owner.email), ['auth.registered', 'auth.logged-in', 'auth.logged-in']);
  for (let again = 0; again < 12; again += 1) await auth.account.register(person(owner.email), testCaller);
  await quiet();
  // six, and then one after 1, 2, 4, … seconds
  test.ok(smtp.allTo(owner.email).filter(({ message }) => message.subject?.includes('already')).length < 10, 'an inbox is not flooded');
});

t.test('names and addresses begin no header and no markup', async (test) => {
  const name = '"><img src=x onerror=alert(1)> https://evil.example';
  await auth.account.register({ ...person('plain@example.com'), firstName: name }, testCaller);
  const { message, raw } = await smtp.mailTo('plain@example.com');
  test.notMatch(raw, /evil\.example|<img/);
  test.match(message.text, /^Hello,\n/);
  for (const email of ['a@example.com\r\nBcc: eve@example.com', 'a@example.com\nBcc: eve@example.com', '"a\r\nBcc: eve@example.com"@example.com', 'a@example.com,eve@example.com']) {
    await test.rejects(auth.account.register(person(email), testCaller), { code: 'VALIDATION_ERROR', details: { field: 'body.email' } });
    test.throws(() => auth.account.passwordReset.ask(email, testCaller), { code: 'VALIDATION_ERROR' });
  }
  await test.rejects(auth.account.register({ ...person('b@example.com'), firstName: 'A\r\nBcc: eve@example.com' }, testCaller), { code: 'VALIDATION_ERROR', details: { field: 'body.firstName' } });
  await quiet();
  test.same(smtp.allTo('eve@example.com'), []);
});

t.test('a forgotten password: one token, one use, every session over, the owner told', async (test) => {
  const user = await registerUser(open, 'forgot@example.com');
  const { passwordReset } = open.account;
  for (const email of [user.email, 'stranger@example.com']) test.equal(passwordReset.ask(email, testCaller), undefined);
  const mail = await smtp.mailTo(user.email, 'new password');
  const token = tokenIn(mail);
  test.match(mail.message.html, 'http://localhost:3000/account/reset-password#token=');
  await test.rejects(open.account.verification.verify(token, testCaller), badToken, 'a token of another purpose');
  await test.rejects(open.account.emailChange.confirm(token, testCaller), badToken);
  await test.rejects(passwordReset.complete({ token, password: 'password' }, testCaller), { code: 'VALIDATION_ERROR', details: { field: 'body.password' } });
  await test.rejects(passwordReset.complete({ token: `${token}x`, password: another }, testCaller), badToken);
  test.ok(await open.authenticate({ authorization: user.authorization }), 'nothing has changed so far');

  // the door that guesses have closed is opened for the owner
  for (let guess = 0; guess < 7; guess += 1) await open.accounts.login({ email: user.email, password: 'wrong' }, { ...testCaller, address: '192.0.2.50' }).catch(() => undefined);
  test.same(await outcomes(20, () => passwordReset.complete({ token, password: another }, testCaller)), { good: 1, refused: 19 });
  await test.rejects(open.authenticate({ authorization: user.authorization }), { code: 'UNAUTHORIZED' });
  await test.rejects(open.accounts.refresh(user.refreshToken), { code: 'UNAUTHORIZED' });
  await logIn(auth, user.email, another);
  await smtp.mailTo(user.email, 'was changed');
  test.ok((await actionsOf(user.email)).includes('auth.password-reset'));
  await quiet();
  test.same(smtp.allTo('stranger@example.com'), []);
});

t.test('an outdated token is no token', async (test) => {
  const user = await registerUser(open, 'late@example.com');
  open.account.passwordReset.ask(user.email, testCaller);
  const tokens = { reset: tokenIn(await smtp.mailTo(user.email, 'new password')), verify: tokenIn(await smtp.mailTo(user.email, 'Confirm')) };
  const lives = await database.system((em) => statement(em, 'select purpose, round(extract(epoch from expires_at - created_at) / 3600)::int as hours from kernel.one_time_tokens where user_id = $1 order by purpose', [user.user.id]));
  test.same(lives, [{ purpose: 'reset-password', hours: 1 }, { purpose: 'verify-email', hours: 24 }]);
  await database.system((em) => statement(em, `update kernel.one_time_tokens set expires_at = now() - interval '1 second' where user_id = $1`, [user.user.id]));
  await test.rejects(open.account.passwordReset.complete({ token: tokens.reset, password: another }, testCaller), badToken);
  await test.rejects(open.account.verification.verify(tokens.verify, testCaller), badToken);
});

t.test('another address: the password, a mail to the new one, a notice to the old one', async (test) => {
  const user = await registerUser(open, 'old@example.com');
  const taken = await registerUser(open, 'other@example.com');
  const owner = { userId: user.user.id, sessionId: user.identity.credentialId ?? '', tenantId: user.tenantId, operator: false };
  const { emailChange } = open.account;
  await test.rejects(emailChange.ask(owner, { email: 'next@example.com', password: 'wrong' }, testCaller), { code: 'UNAUTHORIZED' });
  await test.rejects(emailChange.ask(owner, { email: user.email, password: goodPassword }, testCaller), { code: 'VALIDATION_ERROR' });
  await emailChange.ask(owner, { email: taken.email, password: goodPassword }, testCaller);
  test.notMatch((await smtp.mailTo(taken.email, 'has an account')).raw, /token=/);

  open.account.passwordReset.ask(user.email, testCaller);
  const reset = tokenIn(await smtp.mailTo(user.email, 'new password'));
  await emailChange.ask(owner, { email: 'next@example.com', password: goodPassword }, testCaller);
  await smtp.mailTo(user.email, 'is to be changed');
  const token = tokenIn(await smtp.mailTo('next@example.com', 'new email address'));
  test.same(await outcomes(20, () => emailChange.confirm(token, testCaller)), { good: 1, refused: 19 });
  await smtp.mailTo(user.email, 'was changed');
  await test.rejects(open.account.passwordReset.complete({ token: reset, password: another }, testCaller), badToken, 'mail of the old address is good for nothing any more');
  await test.rejects(open.accounts.login({ email: user.email, password: goodPassword }, testCaller), wrongPair);
  await logIn(auth, 'next@example.com');
});

t.test('one’s own sessions are listed and ended; those of others do not exist', async (test) => {
  const user = await registerUser(open, 'many@example.com');
  const stranger = await registerUser(open);
  const owner = { userId: user.user.id, sessionId: user.identity.credentialId ?? '', tenantId: user.tenantId, operator: false };
  const [second, third] = [await logIn(open, user.email), await logIn(open, user.email)];
  const listed = await open.account.ownSessions.list(owner);
  test.equal(listed.length, 3);
  test.match(listed.find(({ current }) => current), { id: owner.sessionId, method: 'password', secondFactor: false, address: testCaller.address, userAgent: 'test' });
  await test.rejects(open.account.ownSessions.end(owner, stranger.identity.credentialId ?? '', testCaller), { code: 'NOT_FOUND' });
  test.ok(await open.authenticate({ authorization: stranger.authorization }));
  const secondId = (await open.authenticate({ authorization: `Bearer ${second.accessToken}` }))?.credentialId ?? '';
  await open.account.ownSessions.end(owner, secondId, testCaller);
  await test.rejects(open.account.ownSessions.end(owner, secondId, testCaller), { code: 'NOT_FOUND' });
  await test.rejects(open.authenticate({ authorization: `Bearer ${second.accessToken}` }), { code: 'UNAUTHORIZED' });
  await open.account.ownSessions.endOthers(owner, testCaller);
  await test.rejects(open.authenticate({ authorization: `Bearer ${third.accessToken}` }), { code: 'UNAUTHORIZED' });
  test.ok(await open.authenticate({ authorization: user.authorization }));
  test.same((await actionsOf(user.email)).slice(-2), ['auth.session-ended', 'auth.other-sessions-ended']);
});

t.test('a changed password is told to the owner; nothing of a token is stored or logged', async (test) => {
  const user = await registerUser(open, 'careful@example.com');
  await open.accounts.changePassword(user.identity, { currentPassword: goodPassword, newPassword: another }, testCaller);
  await smtp.mailTo(user.email, 'was changed');
  const token = tokenIn(await smtp.mailTo(user.email, 'Confirm'));
  const [row] = await database.system((em) => statement<{ found: boolean }>(em, `select exists (select 1 from kernel.one_time_tokens t where t::text like $1) or exists (select 1 from kernel.mails m where m::text like $1) or exists (select 1 from kernel.audit_entries e where e::text like $1) as found`, [`%${token}%`]));
  test.equal(row?.found, false);
});

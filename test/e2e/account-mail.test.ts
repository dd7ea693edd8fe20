import { request } from 'node:http';
import t from 'tap';
import { openDatabase } from '../../kernel/database/index.ts';
import { statement } from '../../kernel/database/statement.ts';
import { quietLog, testMasterKey } from '../support/database.ts';
import { smtpServer, tokenIn } from '../support/smtp-server.ts';
import { send, testServer } from '../support/server.ts';

/** Accounts and their mail through a whole server, with a mail server of its own. */

const smtp = await smtpServer(t);
const operator = { email: 'operator@example.com', password: 'Lighthouse-tangerine-42' };
const server = await testServer(t, { entries: [], env: { SMTP_URL: smtp.url, MAIL_FROM: 'ProofPix <office@proof.example>', PUBLIC_URL: 'https://proof.example/pix', EMAIL_VERIFICATION: '', OPERATOR_EMAIL: operator.email, OPERATOR_PASSWORD: operator.password } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) => send(server.url, 'POST', `/api/auth/${path}`, body, headers);
const person = (email: string, password = 'plum-Ladder-41-quartz') => ({ email, password, firstName: 'Ada', lastName: 'Tester' });

/** With a Host header of the sender's choice, which fetch does not allow. */
function postAs(host: string, path: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}/api/auth/${path}`, { method: 'POST', headers: { host, 'x-forwarded-host': host, 'content-type': 'application/json' }, timeout: 20_000 }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

/** A user whose address is verified, logged in. */
async function verified(email: string) {
  await post('register', person(email));
  t.match(await post('verify-email', { token: tokenIn(await smtp.mailTo(email, 'Confirm')) }), { status: 200, body: { email } });
  const { body } = await post('login', { email, password: person(email).password });
  return { ...body, headers: { authorization: `Bearer ${body.accessToken}` } } as { accessToken: string; headers: Record<string, string> };
}

t.test('with a mail server a login needs a verified address, and nobody learns which addresses have accounts', async (t) => {
  await verified('known@example.com');
  const pairs: [path: string, body: (email: string) => unknown, status: number][] = [
    ['register', (email) => person(email, 'violet-Anchor-77-river'), 201],
    ['forgot-password', (email) => ({ email }), 202],
    ['verify-email/resend', (email) => ({ email }), 202],
    ['login', (email) => ({ email, password: 'wrong-password' }), 401],
  ];
  for (const [path, body, status] of pairs) {
    const [known, unknown] = [await post(path, body('known@example.com')), await post(path, body(`stranger-${status}@example.com`))];
    t.equal(known.status, status, path);
    t.equal(unknown.status, status, path);
    t.same(Object.keys(known.body).toSorted(), Object.keys(unknown.body).toSorted(), path);
    t.same([known.body.message, known.body.error], [unknown.body.message, unknown.body.error], path);
    t.same([...known.headers.keys()].toSorted(), [...unknown.headers.keys()].toSorted(), path);
  }
  t.match(await post('login', { email: 'stranger-201@example.com', password: 'violet-Anchor-77-river' }), { status: 401, body: { error: 'UNAUTHORIZED', message: 'Email or password is wrong.' } });
});

t.test('links follow from PUBLIC_URL, whatever the Host header says, and lead to pages', async (t) => {
  t.equal(await postAs('evil.example', 'register', person('host@example.com')), 201);
  const { message, raw } = await smtp.mailTo('host@example.com');
  t.match(message.text, 'https://proof.example/pix/account/verify-email#token=');
  t.match(message.from, { address: 'office@proof.example' });
  t.notMatch(raw, 'evil.example');
  for (const page of ['verify-email', 'reset-password', 'change-email']) {
    const reply = await send(server.url, 'GET', `/account/${page}`);
    t.equal(reply.status, 200);
    t.match(reply.headers.get('content-security-policy'), /^default-src 'none'; script-src 'sha256-/);
    t.match(reply.body, `../api/auth/${page}`);
  }
});

t.test('a forgotten password and another address, from mail to login', async (t) => {
  const user = await verified('walk@example.com');
  t.equal((await post('forgot-password', { email: 'walk@example.com' })).status, 202);
  const token = tokenIn(await smtp.mailTo('walk@example.com', 'new password'));
  t.match(await post('reset-password', { token, password: 'password' }), { status: 400, body: { details: { field: 'body.password' } } });
  t.equal((await post('reset-password', { token, password: 'violet-Anchor-77-river' })).status, 204);
  t.match(await post('reset-password', { token, password: 'violet-Anchor-77-river' }), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'body.token' } } });
  t.equal((await send(server.url, 'GET', '/api/auth/me', undefined, user.headers)).status, 401);

  const { body: login } = await post('login', { email: 'walk@example.com', password: 'violet-Anchor-77-river' });
  const headers = { authorization: `Bearer ${login.accessToken}` };
  t.equal((await post('change-email', { email: 'moved@example.com', password: 'violet-Anchor-77-river' })).status, 401, 'without a session');
  t.equal((await post('change-email', { email: 'moved@example.com', password: 'violet-Anchor-77-river' }, headers)).status, 202);
  t.match(await post('change-email/confirm', { token: tokenIn(await smtp.mailTo('moved@example.com')) }), { status: 200, body: { email: 'moved@example.com' } });
  t.match((await send(server.url, 'GET', '/api/auth/me', undefined, headers)).body, { email: 'moved@example.com' });
});

t.test('one’s own sessions only', async (t) => {
  const [mine, theirs] = [await verified('mine@example.com'), await verified('theirs@example.com')];
  const sessionsOf = async (headers: Record<string, string>) => (await send(server.url, 'GET', '/api/auth/sessions', undefined, headers)).body.items as { id: string; current: boolean }[];
  const [session] = await sessionsOf(theirs.headers);
  t.match(session, { current: true, method: 'password', address: String, createdAt: String, lastUsedAt: String });
  t.equal((await send(server.url, 'GET', '/api/auth/sessions')).status, 401);
  t.match(await send(server.url, 'DELETE', `/api/auth/sessions/${session?.id}`, undefined, mine.headers), { status: 404, body: { error: 'NOT_FOUND' } });
  t.equal((await send(server.url, 'DELETE', '/api/auth/sessions/no-id', undefined, mine.headers)).status, 400);
  t.equal((await send(server.url, 'DELETE', `/api/auth/sessions/${session?.id}`, undefined, theirs.headers)).status, 204);
  t.equal((await send(server.url, 'GET', '/api/auth/sessions', undefined, theirs.headers)).status, 401);
  await post('login', { email: 'mine@example.com', password: person('').password });
  t.equal((await sessionsOf(mine.headers)).length, 2);
  t.equal((await send(server.url, 'DELETE', '/api/auth/sessions', undefined, mine.headers)).status, 204);
  t.same((await sessionsOf(mine.headers)).map(({ current }) => current), [true]);
});

t.test('operators see what became of mail, and send again what was refused', async (t) => {
  const user = await verified('curious@example.com');
  const { body: login } = await post('login', operator);
  const asOperator = (method: string, path: string) => send(server.url, method, `/api/operations/mail${path}`, undefined, { authorization: `Bearer ${login.accessToken}` });
  t.equal((await send(server.url, 'GET', '/api/operations/mail')).status, 401);
  t.equal((await send(server.url, 'GET', '/api/operations/mail', undefined, user.headers)).status, 403);
  smtp.answer(550);
  await post('forgot-password', { email: 'curious@example.com' });
  let failed: { id: string } | undefined;
  for (const end = Date.now() + 30_000; failed === undefined && Date.now() < end; ) failed = (await asOperator('GET', '?state=failed&purpose=reset-password')).body.items[0];
  smtp.answer(null);
  t.match(failed, { state: 'failed', recipient: 'curious@example.com', attempts: 1, lastError: /Not now/ });
  t.notOk('body' in (failed ?? {}), 'the list has no bodies');
  t.match(await asOperator('GET', `/${failed?.id}`), { status: 200, body: { body: { text: /reset-password#token=/ } } });
  t.equal((await asOperator('GET', `/${crypto.randomUUID()}`)).status, 404);
  t.match(await asOperator('POST', `/${failed?.id}/retry`), { status: 200, body: { state: 'queued' } });
  await smtp.mailTo('curious@example.com', 'new password');
  const database = await openDatabase({ url: server.databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 1 });
  t.teardown(() => database.close());
  const entries = await database.system((em) => statement<{ action: string; target: string }>(em, `select action, target from kernel.audit_entries where action like 'mail.%' order by sequence`));
  t.same(entries, [{ action: 'mail.read', target: failed?.id }, { action: 'mail.retried', target: failed?.id }]);
  const page = (await asOperator('GET', '?limit=1')).body;
  t.equal(page.items.length, 1);
  t.equal((await asOperator('GET', `?limit=1&cursor=${page.nextCursor}`)).body.items.length, 1);
  t.equal((await asOperator('GET', '?cursor=x')).status, 400);
});

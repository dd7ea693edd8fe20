import t from 'tap';
import { logIn, registerUser, testAuth } from '../../test/support/auth.ts';
import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';

const unauthorized = { code: 'UNAUTHORIZED' };
/** The grace time is over. */
const passGrace = (database: Database) => database.system((em) => statement(em, `update kernel.sessions set rotated_at = rotated_at - interval '1 minute'`));

t.test('an outdated refresh token ends the whole family, the access token included', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  const other = await logIn(auth, user.email);
  const revoked: unknown[] = [];
  auth.onRevoked((what) => revoked.push(what));
  const second = await auth.accounts.refresh(user.refreshToken);
  const third = await auth.accounts.refresh(second.refreshToken);
  test.ok(await auth.authenticate({ authorization: `Bearer ${third.accessToken}` }));
  await passGrace(database);
  await test.rejects(auth.accounts.refresh(user.refreshToken), unauthorized);
  await test.rejects(auth.accounts.refresh(third.refreshToken), unauthorized);
  await test.rejects(auth.authenticate({ authorization: `Bearer ${third.accessToken}` }), unauthorized);
  test.same(revoked, [{ credentialId: user.identity.credentialId }]);
  await auth.accounts.refresh(other.refreshToken);
});

t.test('an invented or garbled token is refused and ends nothing', async (test) => {
  const { auth } = await testAuth(test);
  const user = await registerUser(auth);
  const [, id, secret = ''] = user.refreshToken.split('_');
  const stranger = await registerUser(auth);
  for (const token of ['', 'x', user.refreshToken.slice(0, -1), `${user.refreshToken}A`, `rt_${id}_${'A'.repeat(64)}`, `rt_${id}_${stranger.refreshToken.split('_')[2]}`, `rt_${'0'.repeat(32)}_${secret}`, user.accessToken, 'rt_\0']) {
    await test.rejects(auth.accounts.refresh(token), unauthorized, token.slice(0, 30));
  }
  await auth.accounts.refresh(user.refreshToken);
});

t.test('a client that asks twice at once stays logged in', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  const answers = await Promise.all(Array.from({ length: 5 }, () => auth.accounts.refresh(user.refreshToken)));
  test.equal(new Set(answers.map((answer) => answer.refreshToken)).size, 1, 'all get the same successor');
  await passGrace(database);
  const next = await auth.accounts.refresh(answers[0]?.refreshToken ?? '');
  test.not(next.refreshToken, answers[0]?.refreshToken);
});

t.test('tokens are not in the database', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  const next = await auth.accounts.refresh(user.refreshToken);
  const rows = JSON.stringify(await database.system((em) => statement(em, `select s::text as row from kernel.sessions s`)));
  for (const token of [user.refreshToken, next.refreshToken]) {
    const secret = token.split('_')[2] ?? '';
    test.notOk(rows.includes(secret));
    test.notOk(rows.includes(Buffer.from(secret, 'base64url').toString('hex')));
  }
});

t.test('logging out ends the session, by either token, and only that one', async (test) => {
  const { auth } = await testAuth(test);
  const user = await registerUser(auth);
  const [one, two] = await Promise.all([1, 2].map(() => logIn(auth, user.email)));
  await auth.accounts.logout(one?.refreshToken ?? '');
  await test.rejects(auth.authenticate({ authorization: `Bearer ${one?.accessToken}` }), unauthorized);
  const identity = await auth.authenticate({ authorization: `Bearer ${two?.accessToken}` });
  await auth.accounts.logoutSession(identity?.credentialId ?? '');
  await test.rejects(auth.accounts.refresh(two?.refreshToken ?? ''), unauthorized);
  await test.rejects(auth.authenticate({ authorization: `Bearer ${two?.accessToken}` }), unauthorized);
  test.ok(await auth.authenticate({ authorization: user.authorization }));
});

t.test('a session that is past its end is over', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  await database.system((em) => statement(em, `update kernel.sessions set expires_at = now() - interval '1 second'`));
  await test.rejects(auth.accounts.refresh(user.refreshToken), unauthorized);
  await auth.sweep();
  test.same(await database.system((em) => statement(em, 'select id from kernel.sessions')), []);
});

t.test('a login beyond the 50th ends the session that was used longest ago', async (test) => {
  const { auth, database } = await testAuth(test);
  const user = await registerUser(auth);
  await database.system((em) => statement(em, `insert into kernel.sessions (id, user_id, family_key, current_hash, expires_at) select gen_random_uuid(), $1, '', '', now() + interval '1 day' from generate_series(1, 49)`, [user.user.id]));
  test.ok(await auth.authenticate({ authorization: user.authorization }));
  await database.system((em) => statement(em, `update kernel.sessions set last_used_at = now() - interval '1 hour' where id = $1`, [user.identity.credentialId]));
  await logIn(auth, user.email);
  await test.rejects(auth.accounts.refresh(user.refreshToken), unauthorized);
  const [row] = await database.system((em) => statement<{ n: number }>(em, 'select count(*)::int as n from kernel.sessions where revoked_at is null'));
  test.equal(row?.n, 50);
});

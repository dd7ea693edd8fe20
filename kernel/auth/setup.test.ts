import t from 'tap';
import { goodPassword, registerUser, testAuth, testCaller } from '../../test/support/auth.ts';
import { testDatabase } from '../../test/support/database.ts';
import { statement } from '../database/statement.ts';

const forbidden = { code: 'FORBIDDEN' };
const email = 'op@example.com';
const operators = async (database: Awaited<ReturnType<typeof testDatabase>>): Promise<number> =>
  (await database.system((em) => statement(em, 'select 1 from kernel.users where operator'))).length;

t.test('a wrong, outdated or used token makes no operator', async (test) => {
  const { auth, database } = await testAuth(test);
  const token = auth.setup.token ?? '';
  for (const wrong of ['', 'x', `${token}x`]) await test.rejects(auth.setup.complete({ token: wrong, email, password: goodPassword }, testCaller), forbidden);
  await test.rejects(auth.setup.complete({ token, email, password: 'password' }, testCaller), { code: 'VALIDATION_ERROR' });
  await test.rejects(auth.setup.complete({ token, email: 'x', password: goodPassword }, testCaller), { code: 'VALIDATION_ERROR' });
  const user = await registerUser(auth);
  await test.rejects(auth.setup.complete({ token, email: user.email, password: goodPassword }, testCaller), { code: 'CONFLICT' });
  await database.system((em) => statement(em, `update kernel.setup_tokens set expires_at = now() - interval '1 second'`));
  await test.rejects(auth.setup.complete({ token, email, password: goodPassword }, testCaller), forbidden);
  test.equal(await operators(database), 0);

  const { auth: next } = await testAuth(test, { database });
  const good = { token: next.setup.token ?? '', email, password: goodPassword };
  const outcomes = await Promise.allSettled([1, 2, 3].map((n) => next.setup.complete({ ...good, email: `op${n}@example.com` }, testCaller)));
  test.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  test.equal(await operators(database), 1);
  await test.rejects(next.setup.complete(good, testCaller), forbidden);
  const { auth: last } = await testAuth(test, { database });
  test.equal(last.setup.token, null, 'nothing is printed any more');
});

t.test('every node that boots has a token of its own, and the first that is used ends them all', async (test) => {
  const { auth, database } = await testAuth(test);
  const { auth: other } = await testAuth(test, { database });
  const login = await auth.setup.complete({ token: auth.setup.token ?? '', email, password: goodPassword }, testCaller);
  test.match(await auth.authenticate({ authorization: `Bearer ${login.accessToken}` }), { principal: { operator: true }, role: 'owner' });
  await test.rejects(other.setup.complete({ token: other.setup.token ?? '', email: 'b@example.com', password: goodPassword }, testCaller), forbidden);
  test.equal(await operators(database), 1);
});

t.test('OPERATOR_EMAIL and OPERATOR_PASSWORD make the operator at the first boot only', async (test) => {
  const database = await testDatabase(test);
  await test.rejects(testAuth(test, { database, config: { operator: { email: 'x', password: goodPassword } } }), /OPERATOR_EMAIL/);
  await test.rejects(testAuth(test, { database, config: { operator: { email, password: 'password' } } }), /OPERATOR_PASSWORD/);
  const { auth } = await testAuth(test, { database, config: { operator: { email, password: goodPassword } } });
  test.equal(auth.setup.token, null);
  await testAuth(test, { database, config: { operator: { email: 'second@example.com', password: goodPassword } } });
  test.equal(await operators(database), 1);
  test.match(await auth.accounts.login({ email, password: goodPassword }, testCaller), { user: { operator: true } });
});

import t from 'tap';
import { goodPassword, testAuth } from '../../../test/support/auth.ts';
import { quietLog } from '../../../test/support/database.ts';
import type { CellDirectory } from '../../http/contract.ts';
import { createServer } from '../../http/create-server.ts';
import type { Logger } from '../../log.ts';

const noCells: CellDirectory = { ownerOf: () => null, cellFor: () => null, manifestsFor: () => [], verifyLink: () => null };
const ada = { email: 'ada@example.com', password: goodPassword, firstName: 'Ada', lastName: 'Lovelace' };

interface Reply {
  status: number;
  body: Record<string, unknown>;
  headers: Record<string, unknown>;
}

async function open(test: Parameters<typeof testAuth>[0]) {
  const { auth } = await testAuth(test);
  const log = { ...quietLog, child: () => log } as unknown as Logger;
  const server = await createServer({ auth, directory: noCells, log, routes: [{ dir: import.meta.dirname, services: { auth } }] }, {});
  test.teardown(() => server.close(1_000));
  const send = async (method: 'GET' | 'POST', url: string, payload?: object | string, token?: string): Promise<Reply> => {
    const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(payload === undefined ? {} : { 'content-type': 'application/json' }) };
    const reply = await server.fastify.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: reply.statusCode, body: reply.body === '' ? {} : (reply.json() as Record<string, unknown>), headers: reply.headers };
  };
  return { auth, send };
}

t.test('bad input gets the error contract', async (test) => {
  const { send } = await open(test);
  const cases: [url: string, payload: object | string, status: number, code: string][] = [
    ['/api/auth/register', '{', 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', {}, 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', { ...ada, operator: true }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', { ...ada, email: ['a'] }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', { ...ada, email: 'nobody' }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', { ...ada, password: 'password' }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/register', { ...ada, password: 'x'.repeat(1025) }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/login', { email: ada.email, password: 'x' }, 401, 'UNAUTHORIZED'],
    ['/api/auth/login', { email: { $ne: '' }, password: 'x' }, 400, 'VALIDATION_ERROR'],
    ['/api/auth/refresh', { refreshToken: 'x' }, 401, 'UNAUTHORIZED'],
    ['/api/auth/refresh', {}, 400, 'VALIDATION_ERROR'],
    ['/api/auth/logout', {}, 401, 'UNAUTHORIZED'],
    ['/api/auth/setup', { token: 'x', email: ada.email, password: goodPassword }, 403, 'FORBIDDEN'],
    ['/api/auth/change-password', { currentPassword: 'a', newPassword: 'b' }, 401, 'UNAUTHORIZED'],
  ];
  for (const [url, payload, status, code] of cases) {
    const reply = await send('POST', url, payload);
    test.match(reply, { status, body: { error: code, message: String, requestId: String } }, `${url} ${JSON.stringify(payload).slice(0, 60)}`);
  }
  test.match(await send('GET', '/api/auth/me'), { status: 401, body: { error: 'UNAUTHORIZED' } });
  test.match(await send('GET', '/api/auth/me', undefined, 'x'), { status: 401, body: { error: 'UNAUTHORIZED' } });
});

t.test('a user registers, logs in, asks who they are, refreshes, changes the password and logs out', async (test) => {
  const { send } = await open(test);
  const registered = await send('POST', '/api/auth/register', ada);
  test.match(registered, { status: 201, body: { email: ada.email, verificationRequired: false, message: String } });
  test.same((await send('POST', '/api/auth/register', { ...ada, firstName: 'Eve' })).body, registered.body, 'a taken address gets the same answer');
  const other = await send('POST', '/api/auth/login', { email: ada.email, password: goodPassword });
  const login = await send('POST', '/api/auth/login', { email: ' ADA@example.com', password: goodPassword });
  test.same(Object.keys(login.body).toSorted(), ['accessToken', 'expiresIn', 'refreshToken', 'user']);
  const token = String(login.body['accessToken']);
  const me = await send('GET', '/api/auth/me', undefined, token);
  test.match(me, { status: 200, body: { email: ada.email, role: 'owner', memberships: [{ role: 'owner', name: 'Ada Lovelace' }] } });
  test.notOk(JSON.stringify([login.body, me.body]).includes('assword'));

  const refreshed = await send('POST', '/api/auth/refresh', { refreshToken: login.body['refreshToken'] });
  test.match(refreshed, { status: 200, body: { user: { email: ada.email } } });
  const changed = await send('POST', '/api/auth/change-password', { currentPassword: goodPassword, newPassword: 'violet-Anchor-77-river' }, token);
  test.equal(changed.status, 204);
  test.equal((await send('GET', '/api/auth/me', undefined, String(other.body['accessToken']))).status, 401, 'the other session is over');
  test.equal((await send('POST', '/api/auth/logout', { refreshToken: refreshed.body['refreshToken'] })).status, 204);
  test.equal((await send('GET', '/api/auth/me', undefined, token)).status, 401);
  const again = await send('POST', '/api/auth/login', { email: ada.email, password: 'violet-Anchor-77-river' });
  test.equal((await send('POST', '/api/auth/logout', undefined, String(again.body['accessToken']))).status, 204, 'without a body');
});

t.test('the setup token makes the operator, and the keys are public without their private parts', async (test) => {
  const { auth, send } = await open(test);
  const reply = await send('POST', '/api/auth/setup', { token: auth.setup.token, email: 'op@example.com', password: goodPassword });
  test.match(reply, { status: 201, body: { user: { operator: true } } });
  const jwks = await send('GET', '/.well-known/jwks.json');
  test.match(jwks, { status: 200, body: { keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: String, x: String }] } });
  test.notMatch(JSON.stringify(jwks.body), /"d":/);
});

import t from 'tap';
import { generateKey, goodPassword, registerUser, testAuth, testCaller } from '../../../test/support/auth.ts';
import { type Ceremony, softwareAuthenticator } from '../../../test/support/authenticator.ts';
import { quietLog } from '../../../test/support/database.ts';
import { ageSessions, codeAt, testClock } from '../../../test/support/second-factor.ts';
import type { CellDirectory } from '../../http/contract.ts';
import { createServer } from '../../http/create-server.ts';
import type { Logger } from '../../log.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const noCells: CellDirectory = { ownerOf: () => null, cellFor: () => null, manifestsFor: () => [], verifyLink: () => null };
const place = { origin: 'http://localhost:3000', rpId: 'localhost' };
const assertion = { id: 'AAAA', response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' } };
const own: [method: Method, url: string, body?: object][] = [
  ['GET', '/api/auth/mfa'],
  ['POST', '/api/auth/mfa/totp/enroll', { password: goodPassword }],
  ['POST', '/api/auth/mfa/totp/confirm', { code: '123456' }],
  ['DELETE', '/api/auth/mfa/totp', { password: goodPassword, code: '123456' }],
  ['POST', '/api/auth/mfa/recovery-codes', { password: goodPassword, code: '123456' }],
  ['GET', '/api/auth/passkeys'],
  ['POST', '/api/auth/passkeys/register/options', { password: goodPassword }],
  ['POST', '/api/auth/passkeys/register/verify', { credential: { id: 'AAAA', response: { clientDataJSON: 'e30', attestationObject: 'oA' } } }],
  ['PATCH', '/api/auth/passkeys/AAAA', { name: 'Mine' }],
  ['DELETE', '/api/auth/passkeys/AAAA', { password: goodPassword }],
];

t.test('second factors and passkeys over HTTP', async (test) => {
  const clock = testClock();
  const { auth, database } = await testAuth(test, { config: { operator: { email: 'op@example.com', password: goodPassword }, throttle: { address: { free: 10_000, longestSeconds: 1 } } }, now: clock.now });
  const log = { ...quietLog, child: () => log } as unknown as Logger;
  const server = await createServer({ auth, directory: noCells, log, routes: [{ dir: import.meta.dirname, services: { auth } }] }, {});
  test.teardown(() => server.close(1_000));
  async function send(method: Method, url: string, body?: object | string, credentials: { token?: string; key?: string } = {}) {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (credentials.token !== undefined) headers['authorization'] = `Bearer ${credentials.token}`;
    if (credentials.key !== undefined) headers['x-api-key'] = credentials.key;
    const reply = await server.fastify.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
    return { status: reply.statusCode, body: (reply.body === '' ? null : reply.json()) as Record<string, unknown> };
  }
  const logIn = async (email: string) => send('POST', '/api/auth/login', { email, password: goodPassword });
  const tokenOf = (reply: { body: Record<string, unknown> }) => ({ token: String(reply.body['accessToken']) });
  const user = await registerUser(auth);
  const me = { token: user.accessToken };

  await test.test('they are the user’s alone', async (sub) => {
    const { key } = await generateKey(auth, user.identity);
    const operator = await auth.authenticate({ authorization: `Bearer ${tokenOf(await logIn('op@example.com')).token}` });
    if (operator === null) throw new Error('the operator is not logged in');
    const { accessToken } = await auth.people.impersonation.begin({ ...operator, requestId: null }, { userId: user.user.id, reason: 'a test', tenantId: null, address: null }, async () => undefined);
    const acting = { token: accessToken };
    for (const [method, url, body] of own) {
      sub.match(await send(method, url, body), { status: 401, body: { error: 'UNAUTHORIZED' } }, `nobody: ${method} ${url}`);
      sub.match(await send(method, url, body, { key }), { status: 403, body: { error: 'FORBIDDEN' } }, `a program: ${method} ${url}`);
      sub.match(await send(method, url, body, acting), { status: 403, body: { error: 'FORBIDDEN' } }, `somebody acting for them: ${method} ${url}`);
    }
    sub.match(await send('DELETE', `/api/operations/users/${user.user.id}/mfa`, undefined, me), { status: 403, body: { error: 'FORBIDDEN' } });
    sub.match(await send('DELETE', `/api/operations/users/${user.user.id}/mfa`, undefined, { key }), { status: 403, body: { error: 'FORBIDDEN' } });
    sub.match(await send('DELETE', `/api/operations/users/${user.user.id}/mfa`), { status: 401 });
  });

  await test.test('bad input gets the error contract', async (sub) => {
    const cases: [method: Method, url: string, body: object | string | undefined, status: number][] = [
      ['POST', '/api/auth/mfa/totp/enroll', { secret: 'mine' }, 400],
      ['POST', '/api/auth/mfa/totp/confirm', {}, 400],
      ['POST', '/api/auth/mfa/totp/confirm', { code: 123456 }, 400],
      ['POST', '/api/auth/mfa/totp/confirm', { code: '1'.repeat(100) }, 400],
      ['POST', '/api/auth/mfa/recovery-codes', { code: '123456' }, 404],
      ['DELETE', '/api/auth/mfa/totp', undefined, 404],
      ['POST', '/api/auth/mfa/verify', {}, 400],
      ['POST', '/api/auth/mfa/verify', { mfaToken: 'x', code: '123456', userId: user.user.id }, 400],
      ['POST', '/api/auth/mfa/verify', { mfaToken: 'x' }, 400],
      ['POST', '/api/auth/mfa/verify', { mfaToken: 'x', code: '123456' }, 401],
      ['POST', '/api/auth/mfa/verify', { mfaToken: 'x', passkey: assertion }, 401],
      ['POST', '/api/auth/passkeys/login/verify', {}, 400],
      ['POST', '/api/auth/passkeys/login/verify', { credential: { ...assertion, id: '=' } }, 400],
      ['POST', '/api/auth/passkeys/login/verify', { credential: { ...assertion, response: { ...assertion.response, signature: 'A'.repeat(5000) } } }, 400],
      ['POST', '/api/auth/passkeys/login/verify', { credential: assertion }, 401],
      ['POST', '/api/auth/passkeys/register/verify', { credential: { id: 'AAAA', response: { clientDataJSON: 'e30', attestationObject: 'oA' } } }, 401],
      ['PATCH', '/api/auth/passkeys/AAAA', { name: '' }, 400],
      ['PATCH', '/api/auth/passkeys/AAAA', { name: 'x' }, 404],
      ['DELETE', '/api/auth/passkeys/AAAA', undefined, 404],
    ];
    for (const [method, url, body, status] of cases) sub.match(await send(method, url, body, me), { status, body: { error: String, message: String, requestId: String } }, `${method} ${url} ${JSON.stringify(body)?.slice(0, 60)}`);
    const operator = tokenOf(await logIn('op@example.com'));
    sub.match(await send('DELETE', '/api/operations/users/x/mfa', undefined, operator), { status: 400 });
    sub.match(await send('DELETE', `/api/operations/users/${crypto.randomUUID()}/mfa`, undefined, operator), { status: 404 });
  });

  await test.test('a user switches two-step login on, logs in with it, and adds a passkey', async (sub) => {
    const enrolled = await send('POST', '/api/auth/mfa/totp/enroll', undefined, me);
    sub.match(enrolled, { status: 201, body: { secret: /^[A-Z2-7]{32}$/, uri: /^otpauth:\/\/totp\/ProofPix/ } });
    const secret = String(enrolled.body['secret']);
    const confirmed = await send('POST', '/api/auth/mfa/totp/confirm', { code: codeAt(secret, clock.now()) }, me);
    sub.equal(confirmed.status, 200);
    sub.equal((confirmed.body['recoveryCodes'] as string[]).length, 10);
    sub.match(await send('GET', '/api/auth/mfa', undefined, me), { status: 200, body: { enabled: true, enabledAt: String, recoveryCodesLeft: 10, passkeys: 0 } });

    const options = (await send('POST', '/api/auth/passkeys/register/options', undefined, me)).body as unknown as Ceremony & Record<string, unknown>;
    sub.match(options, { challenge: String, rp: { id: 'localhost', name: 'ProofPix' }, user: { id: String, name: user.email }, pubKeyCredParams: [{ alg: -8 }, { alg: -7 }, { alg: -257 }], excludeCredentials: [] });
    const key = softwareAuthenticator(place);
    // browsers add what they know
    const added = await send('POST', '/api/auth/passkeys/register/verify', { name: 'Phone', credential: { ...key.create(options), rawId: key.id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: { credProps: { rk: true } } } }, me);
    sub.match(added, { status: 201, body: { id: key.id, name: 'Phone' } });
    sub.match(await send('GET', '/api/auth/passkeys', undefined, me), { status: 200, body: { items: [{ id: key.id, name: 'Phone', transports: ['internal', 'hybrid'], backedUp: false, createdAt: String, lastUsedAt: null }], nextCursor: null } });
    sub.match(await send('PATCH', `/api/auth/passkeys/${key.id}`, { name: 'Old phone' }, me), { status: 200, body: { name: 'Old phone' } });

    clock.step();
    const needed = await logIn(user.email);
    sub.equal(needed.status, 200);
    sub.same(Object.keys(needed.body).toSorted(), ['expiresIn', 'methods', 'mfaRequired', 'mfaToken']);
    sub.same(needed.body['methods'], ['totp', 'recovery-code', 'passkey']);
    const finished = await send('POST', '/api/auth/mfa/verify', { mfaToken: needed.body['mfaToken'], code: codeAt(secret, clock.now()) });
    sub.same(Object.keys(finished.body).toSorted(), ['accessToken', 'expiresIn', 'refreshToken', 'user']);

    const second = await logIn(user.email);
    const ask = async () => (await send('POST', '/api/auth/passkeys/login/options')).body as unknown as Ceremony;
    sub.match(await send('POST', '/api/auth/mfa/verify', { mfaToken: second.body['mfaToken'], passkey: key.get(await ask()) }), { status: 200, body: { accessToken: String } });
    const direct = await send('POST', '/api/auth/passkeys/login/verify', { credential: key.get(await ask()) });
    sub.match(direct, { status: 200, body: { accessToken: String, refreshToken: String, expiresIn: 900, user: { id: user.user.id } } });
    sub.match(await send('POST', '/api/auth/passkeys/login/verify', { credential: key.get(await ask(), { tampered: true }) }), { status: 401, body: { error: 'UNAUTHORIZED' } });

    const other = await registerUser(auth);
    for (const [method, body] of [['PATCH', { name: 'mine' }], ['DELETE', undefined]] as const) sub.match(await send(method, `/api/auth/passkeys/${key.id}`, body, { token: other.accessToken }), { status: 404, body: { error: 'NOT_FOUND' } });
    await ageSessions(database);
    sub.match(await send('DELETE', `/api/auth/passkeys/${key.id}`, undefined, me), { status: 403, body: { error: 'CONFIRMATION_REQUIRED', details: { field: 'body.password' } } });
    sub.equal((await send('DELETE', `/api/auth/passkeys/${key.id}`, { password: goodPassword }, me)).status, 204);
    clock.step();
    const renewed = await send('POST', '/api/auth/mfa/recovery-codes', { password: goodPassword, code: codeAt(secret, clock.now()) }, me);
    sub.equal(renewed.status, 201);
    const [recoveryCode] = renewed.body['recoveryCodes'] as string[];
    sub.equal((await send('DELETE', '/api/auth/mfa/totp', { password: goodPassword, recoveryCode }, me)).status, 204);
    sub.match(await send('GET', '/api/auth/mfa', undefined, me), { body: { enabled: false, enabledAt: null, recoveryCodesLeft: 0, passkeys: 0 } });
    sub.match(await logIn(user.email), { status: 200, body: { accessToken: String } });
  });

  await test.test('an operator resets somebody', async (sub) => {
    const lost = await registerUser(auth);
    const { secret } = await auth.secondFactor.enroll(lost.identity, undefined, testCaller);
    await auth.secondFactor.confirm(lost.identity, codeAt(secret, clock.now()), testCaller);
    sub.match(await logIn(lost.email), { body: { mfaRequired: true } });
    sub.equal((await send('DELETE', `/api/operations/users/${lost.user.id}/mfa`, undefined, tokenOf(await logIn('op@example.com')))).status, 204);
    sub.match(await logIn(lost.email), { status: 200, body: { accessToken: String } });
    sub.equal((await send('GET', '/api/auth/mfa', undefined, { token: lost.accessToken })).status, 401, 'the sessions are over');
  });

  await test.test('every endpoint is in the OpenAPI document', async (sub) => {
    const document = (await send('GET', '/openapi.json', undefined, tokenOf(await logIn('op@example.com')))).body as { paths: Record<string, Record<string, { operationId: string; summary: string }>> };
    for (const [method, url] of [...own, ['POST', '/api/auth/mfa/verify'], ['POST', '/api/auth/passkeys/login/options'], ['POST', '/api/auth/passkeys/login/verify'], ['DELETE', '/api/operations/users/{userId}/mfa']] as const) {
      const path = url.replace('AAAA', '{passkeyId}');
      sub.match(document.paths[path]?.[method.toLowerCase()], { operationId: /^(auth|operations)\./, summary: String }, `${method} ${path}`);
    }
  });
});

import t from 'tap';
import { testServer, type TestUser } from '../../../test/support/server.ts';
import { browser, complete, deployment, enrolled, entries, somebody, userOf } from './support.ts';

const { server, acme, globex, env, sql } = await deployment(t);
const { url } = server;

const refresh = (user: TestUser, provider = 'acme') => user.send('POST', '/api/oauth/refresh-token', { provider });
const validate = (user: TestUser, body: object) => user.send('POST', '/api/oauth/validate-token', { provider: 'acme', ...body });
const sealedOf = async (user: TestUser): Promise<string> => (await sql<{ sealed: Buffer }>('select tokens_sealed as sealed from kernel.external_identities where user_id = $1', [user.id]))[0]?.sealed.toString('hex') ?? '';
/** As if the last renewal had been a while ago. */
const age = (user: TestUser) => sql(`update kernel.external_identities set refreshed_at = now() - interval '1 minute' where user_id = $1`, [user.id]);

t.test('nobody, somebody without a link, and whoever acts for somebody else get nothing', async (t) => {
  const other = await server.register();
  for (const [method, path, body] of [['GET', '/api/oauth/user-info/acme', undefined], ['POST', '/api/oauth/refresh-token', { provider: 'acme' }], ['POST', '/api/oauth/validate-token', { provider: 'acme' }], ['DELETE', '/api/oauth/disconnect/acme', undefined]] as const) {
    t.equal((await fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) })).status, 401, `${method} ${path} by nobody`);
    t.match(await other.send(method, path, body), { status: 404, body: { error: 'NOT_FOUND' } }, `${method} ${path} without a link`);
  }
  const owner = await enrolled(url, acme, somebody().subject);
  await sql('update kernel.users set operator = true where id = $1', [other.id]);
  await sql('update kernel.sessions set impersonator_id = $1 where user_id = $2', [other.id, owner.id]);
  t.equal((await refresh(owner)).status, 403);
  t.equal((await owner.send('DELETE', '/api/oauth/disconnect/acme')).status, 403);
  t.equal((await owner.send('GET', '/api/oauth/authorize/acme?mode=link')).status, 403);
});

t.test('user-info is what the provider says, about oneself', async (t) => {
  const { subject, email } = somebody();
  const user = await enrolled(url, acme, subject);
  t.match(await user.send('GET', '/api/oauth/user-info/acme'), { status: 200, body: { provider: 'acme', issuer: acme.issuer, subject, email, emailVerified: true, name: 'Ada Lovelace', claims: { sub: subject } } });
});

t.test('a renewal stores what the provider rotated, and no token is shown', async (t) => {
  const user = await enrolled(url, acme, somebody().subject);
  const before = await sealedOf(user);
  const reply = await refresh(user);
  t.match(reply, { status: 200, body: { provider: 'acme', refreshed: true, expiresAt: /Z$/ } });
  t.strictSame(Object.keys(reply.body).toSorted(), ['expiresAt', 'provider', 'refreshed', 'scope']);
  t.not(await sealedOf(user), before);
  await age(user);
  t.match(await refresh(user), { status: 200, body: { refreshed: true } }, 'the rotated token is good');
});

t.test('twenty at once, at two nodes, ask the provider once', async (t) => {
  const other = await testServer(t, { entries, env, databaseUrl: server.databaseUrl, dataDir: server.dataDir });
  const user = await enrolled(url, acme, somebody().subject);
  const elsewhere = userOf(other.url, { ...user, user });
  const asked = acme.count('token');
  const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => refresh(at % 2 === 0 ? user : elsewhere)));
  t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]));
  t.equal(replies.filter(({ body }) => body.refreshed).length, 1);
  t.equal(acme.count('token'), asked + 1);
  await age(user);
  t.equal((await refresh(user)).status, 200, 'and the grant is alive');
});

t.test('a lease whose holder died passes on', async (t) => {
  const user = await enrolled(url, acme, somebody().subject);
  await sql(`update kernel.external_identities set refresh_lease = gen_random_uuid(), refresh_lease_until = now() - interval '1 second' where user_id = $1`, [user.id]);
  t.match(await refresh(user), { status: 200, body: { refreshed: true } });
});

t.test('a provider that is down keeps the tokens as they were', async (t) => {
  const user = await enrolled(url, acme, somebody().subject);
  acme.down('refusing');
  t.match(await refresh(user), { status: 503, body: { error: 'UNAVAILABLE', details: { provider: 'acme' } } });
  acme.down(null);
  t.match(await refresh(user), { status: 200 });
});

t.test('a refresh token that the provider has taken back is forgotten', async (t) => {
  const user = await enrolled(url, acme, somebody().subject);
  const [kept] = await sql<{ sealed: Buffer }>('select tokens_sealed as sealed from kernel.external_identities where user_id = $1', [user.id]);
  t.equal((await refresh(user)).status, 200);
  // the one from before is a used one to the provider, which ends the grant
  await sql(`update kernel.external_identities set tokens_sealed = $2, refreshed_at = null where user_id = $1`, [user.id, kept?.sealed]);
  t.match(await refresh(user), { status: 403, body: { error: 'PROVIDER_REFUSED', details: { reason: 'invalid_grant' } } });
  const asked = acme.count('token');
  t.match(await refresh(user), { status: 409, body: { error: 'REFRESH_TOKEN_MISSING' } });
  t.equal(acme.count('token'), asked, 'and not tried again');
  t.match(await user.send('GET', '/api/oauth/user-info/acme'), { status: 403, body: { error: 'PROVIDER_REFUSED' } });
});

t.test('an access token that is about to end is renewed on the way', async (t) => {
  const { subject } = somebody();
  const user = await enrolled(url, globex, subject, 'globex');
  const asked = globex.count('token');
  t.match(await user.send('GET', '/api/oauth/user-info/globex'), { status: 200, body: { subject } });
  t.equal(globex.count('token'), asked + 1);
});

t.test('validate-token', async (t) => {
  const { subject } = somebody();
  const user = await enrolled(url, acme, subject);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: acme.issuer, aud: acme.clientId, sub: subject, iat: now, exp: now + 300 };

  await t.test('tells of one’s own', async (t) => t.match(await validate(user, {}), { status: 200, body: { active: true, checkedBy: 'introspection', subject, issuer: acme.issuer } }));
  await t.test('takes an ID token of this client', async (t) => t.match((await validate(user, { token: await acme.sign(claims) })).body, { active: true, checkedBy: 'signature', subject }));
  const wrong: [string, Record<string, unknown> | string, string][] = [
    ['has expired', { ...claims, iat: now - 7200, exp: now - 3600 }, 'expired'],
    ['is for another client', { ...claims, aud: 'somebody-else' }, 'audience'],
    ['is of another issuer', { ...claims, iss: globex.issuer }, 'issuer'],
    ['is no token', 'not.a.token', 'malformed'],
    ['has another issuer’s key', await globex.sign(claims), 'signature'],
    ['has no signature', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`, 'signature'],
  ];
  for (const [what, given, reason] of wrong) {
    await t.test(`refuses one that ${what}`, async (t) => t.match((await validate(user, { token: typeof given === 'string' ? given : await acme.sign(given) })).body, { active: false, reason, subject: null, issuer: null }));
  }
  await t.test('refuses an access token that nobody made', async (t) => t.match((await validate(user, { token: 'invented', type: 'access_token' })).body, { active: false, checkedBy: 'introspection', reason: 'inactive' }));
});

t.test('disconnecting takes the tokens back at the provider', async (t) => {
  const user = await server.register();
  t.equal((await complete(browser(url, user), acme, somebody().subject)).status, 200);
  const before = acme.count('revocation');
  t.match(await user.send('DELETE', '/api/oauth/disconnect/acme'), { status: 200, body: { disconnected: true, revocation: 'revoked' } });
  t.equal(acme.count('revocation'), before + 1);
  t.match((await user.send('GET', '/api/oauth/connections')).body.items, []);
  t.equal((await user.send('DELETE', '/api/oauth/disconnect/acme')).status, 404);
});

t.test('a provider that is down does not keep the link', async (t) => {
  const user = await server.register();
  t.equal((await complete(browser(url, user), acme, somebody().subject)).status, 200);
  acme.down('refusing');
  t.match(await user.send('DELETE', '/api/oauth/disconnect/acme'), { status: 200, body: { disconnected: true, revocation: 'failed' } });
  acme.down(null);
  t.match((await user.send('GET', '/api/oauth/connections')).body.items, []);
});

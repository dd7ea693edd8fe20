import t from 'tap';
import { testServer } from '../../../test/support/server.ts';
import { browser, complete, deployment, enrolled, entries, parameters, people, publicUrl, round, somebody } from './support.ts';

const { server, acme, globex, env, sql } = await deployment(t);
const { url } = server;

t.test('the providers that are set up are told, and no secret of theirs', async (t) => {
  const { body, status } = await browser(url).get('/api/oauth/providers');
  t.equal(status, 200);
  t.strictSame(body.items, [
    { id: 'google', title: 'Google', startPath: '/api/oauth/google' },
    { id: 'acme', title: 'ACME', startPath: '/api/oauth/authorize/acme' },
    { id: 'globex', title: 'GLOBEX', startPath: '/api/oauth/authorize/globex' },
    { id: 'inside', title: 'inside', startPath: '/api/oauth/authorize/inside' },
  ]);
  t.notMatch(JSON.stringify(body), new RegExp(acme.clientSecret));
});

t.test('one that is not set up is refused by name', async (t) => {
  for (const path of ['/api/oauth/slack', '/api/oauth/microsoft', '/api/oauth/salesforce']) t.match(await browser(url).get(path), { status: 503, body: { error: 'PROVIDER_NOT_CONFIGURED' } }, path);
  t.match(await browser(url).get('/api/oauth/authorize/nowhere'), { status: 404, body: { error: 'PROVIDER_UNKNOWN' } });
});

t.test('a provider inside the operator’s network is out of reach, unless EGRESS_ALLOW names it', async (t) => {
  t.match(await browser(url).get('/api/oauth/authorize/inside'), { status: 503, body: { error: 'UNAVAILABLE', details: { provider: 'inside', reason: 'private-address' } } });
});

t.test('a start asks for a code with S256, state and nonce, and holds the browser', async (t) => {
  const client = browser(url);
  const { headers, body } = await client.get('/api/oauth/google');
  const asked = new URL(body.authorizationUrl);
  t.match(Object.fromEntries(asked.searchParams), {
    response_type: 'code',
    client_id: acme.clientId,
    redirect_uri: `${publicUrl}/api/oauth/callback/google`,
    scope: 'openid email profile',
    state: body.state,
    nonce: /.{20}/,
    code_challenge: /^[A-Za-z0-9_-]{43}$/,
    code_challenge_method: 'S256',
    access_type: 'offline',
  });
  t.match(body, { provider: 'google', mode: 'sign-in', expiresIn: 600 });
  t.match(headers.get('set-cookie'), /^__Host-proofpix-browser=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  t.equal((await client.get('/api/oauth/google')).headers.get('set-cookie'), null, 'once');
  t.match(await client.get('/api/oauth/google?redirect=1'), { status: 302 });
});

t.test('a sign-in ends only at addresses of this deployment', async (t) => {
  const to = async (address: string) => (await browser(url).get(`/api/oauth/authorize/acme?redirectTo=${encodeURIComponent(address)}`)).status;
  for (const address of ['https://evil.example/', 'https://app.example.com.evil.example/', 'https://app.example.com@evil.example/', 'javascript:alert(1)', '//evil.example', 'http://app.example.com/', 'https://app.example.com/#x']) t.equal(await to(address), 400, address);
  t.equal(await to('https://spa.example.com/done?a=1'), 200);
  t.equal(await to(`${publicUrl}/`), 200);
});

t.test('somebody new gets an account with a team; the second time it is the same', async (t) => {
  const { subject, email } = somebody();
  const first = await complete(browser(url), acme, subject);
  t.match(first, { status: 200, body: { accessToken: String, refreshToken: String, expiresIn: Number, user: { email, firstName: 'Ada', lastName: 'Lovelace' } } });
  t.equal(first.headers.get('cache-control'), 'no-store');
  const second = await complete(browser(url), acme, subject);
  t.equal(second.body.user.id, first.body.user.id);
  const user = await enrolled(url, acme, subject);
  t.match((await user.send('GET', '/api/auth/me')).body, { role: 'owner', memberships: [{ role: 'owner' }] });
  t.match((await user.send('GET', '/api/oauth/connections')).body.items, [{ provider: 'acme', issuer: acme.issuer, subject, email, hasRefreshToken: true }]);
  t.match(await server.register().then((other) => other.send('GET', '/api/oauth/connections')), { body: { items: [] } }, 'nobody else sees them');
});

t.test('without an address that the provider vouches for no account is made', async (t) => {
  const unverified = somebody({ email_verified: false });
  t.match(await complete(browser(url), acme, unverified.subject), { status: 403, body: { error: 'EMAIL_NOT_VERIFIED' } });
  const none = somebody();
  people[none.subject] = { name: 'No Address' };
  t.match(await complete(browser(url), acme, none.subject), { status: 403, body: { error: 'EMAIL_NOT_VERIFIED' } });
});

t.test('an address that has an account is never linked silently', async (t) => {
  const owner = await server.register();
  const { subject } = somebody({ email: owner.email });
  t.match(await complete(browser(url), acme, subject), { status: 409, body: { error: 'ACCOUNT_EXISTS' } });
  t.match((await owner.send('GET', '/api/oauth/connections')).body.items, []);
  t.match(await complete(browser(url, owner), acme, subject), { status: 200, body: { connection: { provider: 'acme', subject } } }, 'the owner may link it');
  t.equal((await complete(browser(url), acme, subject)).body.user.id, owner.id, 'and then comes in by it');
});

t.test('two at once make one account', async (t) => {
  const { subject } = somebody();
  const replies = await Promise.all([1, 2, 3].map(() => complete(browser(url), acme, subject)));
  t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]));
  t.equal(new Set(replies.map(({ body }) => body.user.id)).size, 1);
});

t.test('linking', async (t) => {
  const [ann, bob] = [await server.register(), await server.register()];
  const { subject } = somebody();

  await t.test('is for somebody who is logged in', async (t) => t.match(await browser(url).get('/api/oauth/authorize/acme?mode=link'), { status: 401 }));
  await t.test('is not finished in another session', async (t) => {
    const { answer, started } = await round(browser(url, ann), acme, subject);
    t.equal(started.body.mode, 'link');
    t.match(await browser(url, bob).post('/api/oauth/callback/acme', { ...parameters(answer), flowToken: started.body.flowToken }), { status: 403, body: { error: 'SIGN_IN_FLOW_INVALID' } });
    t.match(await browser(url).post('/api/oauth/callback/acme', { ...parameters(answer), flowToken: started.body.flowToken }), { status: 401 });
    t.match(await browser(url, ann).post('/api/oauth/callback/acme', parameters(answer)), { status: 200 }, 'the strangers used nothing up');
  });
  await t.test('of an identity that is somebody else’s is refused', async (t) => {
    t.match(await complete(browser(url, bob), acme, subject), { status: 409, body: { error: 'IDENTITY_TAKEN' } });
    t.match((await bob.send('GET', '/api/oauth/connections')).body.items, []);
  });
  await t.test('of a second account of one provider is refused', async (t) => t.match(await complete(browser(url, ann), acme, somebody().subject), { status: 409, body: { error: 'PROVIDER_LINKED' } }));
  await t.test('of another provider is not', async (t) => t.match(await complete(browser(url, ann), globex, somebody().subject, 'globex'), { status: 200, body: { connection: { provider: 'globex' } } }));
  await t.test('in a session of some age asks to log in again', async (t) => {
    const old = await server.register();
    await sql(`update kernel.sessions set created_at = now() - interval '6 minutes' where user_id = $1`, [old.id]);
    t.match(await browser(url, old).get('/api/oauth/authorize/acme'), { status: 403, body: { error: 'CONFIRMATION_REQUIRED' } });
  });
  await t.test('by an API key is refused', async (t) => {
    const made = await ann.send('POST', '/api/keys/generate', { name: 'a key', permissions: [] });
    t.equal(made.status, 201);
    const key = Object.values(made.body as Record<string, unknown>).find((value) => typeof value === 'string' && value.length > 40 && !value.includes(' ')) as string;
    const reply = await fetch(`${url}/api/oauth/authorize/acme`, { headers: { 'x-api-key': key } });
    t.equal(reply.status, 403);
    t.equal((await fetch(`${url}/api/oauth/disconnect/acme`, { method: 'DELETE', headers: { 'x-api-key': key } })).status, 403);
  });
});

t.test('the last way in is never disconnected', async (t) => {
  const user = await enrolled(url, acme, somebody().subject);
  const before = acme.count('revocation');
  t.match(await user.send('DELETE', '/api/oauth/disconnect/acme'), { status: 409, body: { error: 'CONFLICT' } });
  t.equal(acme.count('revocation'), before, 'and nothing is revoked');
  t.equal((await complete(browser(url, user), globex, somebody().subject, 'globex')).status, 200);
  const both = await Promise.all(['acme', 'globex'].map((id) => user.send('DELETE', `/api/oauth/disconnect/${id}`)));
  t.strictSame(both.map(({ status }) => status).toSorted((a, b) => a - b), [200, 409], 'not even two at once');
  t.equal((await user.send('GET', '/api/oauth/connections')).body.items.length, 1);
});

t.test('disconnecting ends the other sessions that began by it', async (t) => {
  const user = await server.register();
  const { subject } = somebody();
  t.equal((await complete(browser(url, user), acme, subject)).status, 200);
  const elsewhere = await enrolled(url, acme, subject);
  t.equal((await elsewhere.send('GET', '/api/auth/me')).status, 200);
  t.equal((await user.send('DELETE', '/api/oauth/disconnect/acme')).status, 200);
  t.equal((await elsewhere.send('GET', '/api/auth/me')).status, 401);
  t.equal((await user.send('GET', '/api/auth/me')).status, 200, 'one’s own goes on');
});

t.test('a suspended account is refused', async (t) => {
  const { subject } = somebody();
  const user = await enrolled(url, acme, subject);
  await sql(`update kernel.users set status = 'suspended' where id = $1`, [user.id]);
  t.match(await complete(browser(url), acme, subject), { status: 403, body: { error: 'FORBIDDEN' } });
});

t.test('a browser that comes back by itself', async (t) => {
  await t.test('without a page to go to gets the login', async (t) => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject);
    t.match(await client.get(`${answer.pathname}${answer.search}`), { status: 200, body: { accessToken: String } });
    t.match(await client.get(`${answer.pathname}${answer.search}`), { status: 403, body: { error: 'SIGN_IN_FLOW_INVALID' } }, 'once');
  });
  await t.test('goes on to the page that began, with the answer in the fragment', async (t) => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject, `/api/oauth/authorize/acme?redirectTo=${encodeURIComponent('https://spa.example.com/done')}`);
    const { status, headers } = await client.get(`${answer.pathname}${answer.search}`);
    t.equal(status, 303);
    const location = headers.get('location') as string;
    t.match(location, /^https:\/\/spa\.example\.com\/done#provider=acme&/);
    t.match(await client.post('/api/oauth/callback/acme', { callbackUrl: location }), { status: 200, body: { accessToken: String } });
  });
});

t.test('begun at one node, finished at another', async (t) => {
  const other = await testServer(t, { entries, env, databaseUrl: server.databaseUrl, dataDir: server.dataDir });
  const client = browser(url);
  const { answer, started } = await round(client, acme, somebody().subject);
  t.match(await browser(other.url).post('/api/oauth/callback/acme', { ...parameters(answer), flowToken: started.body.flowToken }), { status: 200, body: { accessToken: String } });
  t.match(await client.post('/api/oauth/callback/acme', parameters(answer)), { status: 403, body: { error: 'SIGN_IN_FLOW_INVALID' } }, 'and used up on both');
});

t.test('what happened is in the audit log, and no token is', async (t) => {
  const rows = await sql<{ action: string; entry: string }>('select action, entry from kernel.audit_entries');
  const actions = new Set(rows.map(({ action }) => action));
  for (const action of ['auth.registered', 'auth.logged-in', 'auth.identity-linked', 'auth.identity-unlinked', 'auth.sign-in-refused']) t.ok(actions.has(action), action);
  t.match(rows.find(({ action, entry }) => action === 'auth.logged-in' && entry.includes('oauth:acme'))?.entry, /"method":"oauth:acme"/);
  const kept = await sql<{ sealed: Buffer }>('select tokens_sealed as sealed from kernel.external_identities');
  t.notOk(kept.some(({ sealed }) => sealed.toString('latin1').includes('accessToken')), 'tokens are encrypted');
});

t.test('a second factor is asked for, and no token comes before it', async (t) => {
  const { subject } = somebody();
  const user = await enrolled(url, acme, subject);
  await sql(`insert into kernel.totp_secrets (user_id, sealed, confirmed_at) values ($1, '\\x00', now())`, [user.id]);
  const sessions = () => sql('select id from kernel.sessions where user_id = $1', [user.id]);
  const before = (await sessions()).length;
  const reply = await complete(browser(url), acme, subject);
  t.match(reply, { status: 200, body: { mfaRequired: true, mfaToken: String, methods: ['totp'] } });
  t.notHas(reply.body, 'accessToken');
  t.equal((await sessions()).length, before);
});

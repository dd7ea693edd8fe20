import t from 'tap';
import { browser, complete, deployment, enrolled, parameters, publicUrl, round, somebody } from './support.ts';

const { server, acme, globex, sql } = await deployment(t);
const { url } = server;
const callback = '/api/oauth/callback/acme';

/** Accounts and sessions there are: an attack leaves both as they were. */
async function standing(): Promise<unknown> {
  const [row] = await sql('select (select count(*)::int from kernel.users) as users, (select count(*)::int from kernel.sessions) as sessions, (select count(*)::int from kernel.external_identities) as identities');
  return row;
}

/** An attack that is refused and changes nothing. */
function attack(name: string, run: () => Promise<unknown>, expected: object): void {
  t.test(name, async (t) => {
    const before = await standing();
    t.match(await run(), expected);
    t.strictSame(await standing(), before, 'nothing came of it');
  });
}

const flowInvalid = { status: 403, body: { error: 'SIGN_IN_FLOW_INVALID' } };
const refused = { status: 403, body: { error: 'PROVIDER_REFUSED', details: { provider: 'acme', reason: 'invalid_grant' } } };
const invalid = (reason: string | RegExp) => ({ status: 403, body: { error: 'PROVIDER_RESPONSE_INVALID', details: { provider: 'acme', reason } } });

t.test('a state is good once', async (t) => {
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  t.match(await client.post(callback, parameters(answer)), { status: 200 });
  const before = await standing();
  t.match(await client.post(callback, parameters(answer)), flowInvalid);
  t.strictSame(await standing(), before);
});

t.test('of ten at once with one state, one gets in', async (t) => {
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  const asked = acme.count('token');
  const replies = await Promise.all(Array.from({ length: 10 }, () => client.post(callback, parameters(answer))));
  t.equal(replies.filter(({ status }) => status === 200).length, 1);
  t.equal(acme.count('token'), asked + 1, 'and the provider is asked once');
});

attack('a state nobody made', () => browser(url).post(callback, { code: 'x', state: 'A'.repeat(43) }), flowInvalid);

attack(
  'a ready callback of an attacker in a victim’s browser: login CSRF',
  async () => {
    const { answer } = await round(browser(url), acme, somebody().subject);
    const victim = browser(url);
    await victim.get('/api/oauth/authorize/acme');
    const asked = acme.count('token');
    const reply = await victim.post(callback, parameters(answer));
    const byNavigation = await victim.get(`${answer.pathname}${answer.search}`);
    return { ...reply, byNavigation, asked: acme.count('token') - asked };
  },
  { ...flowInvalid, byNavigation: flowInvalid, asked: 0 },
);

attack(
  'a flow token of another flow',
  async () => {
    const [first, second] = [await round(browser(url), acme, somebody().subject), await round(browser(url), acme, somebody().subject)];
    return browser(url).post(callback, { ...parameters(first.answer), flowToken: second.started.body.flowToken });
  },
  flowInvalid,
);

attack(
  'two cookies of one name, one of them planted',
  async () => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject);
    const reply = await fetch(`${url}${callback}`, { method: 'POST', headers: { 'content-type': 'application/json', cookie: `${client.jar.header}; __Host-proofpix-browser=${'A'.repeat(43)}` }, body: JSON.stringify(parameters(answer)) });
    return { status: reply.status, body: await reply.json() };
  },
  flowInvalid,
);

t.test('a flow that took too long', async (t) => {
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  await sql(`update kernel.one_time_tokens set expires_at = now() - interval '1 second' where purpose = 'sign-in-flow'`);
  t.match(await client.post(callback, parameters(answer)), flowInvalid);
});

attack(
  'mix-up: the answer of one provider at the callback of another',
  async () => {
    const client = browser(url);
    const { answer } = await round(client, globex, somebody().subject, '/api/oauth/authorize/globex');
    return client.post(callback, parameters(answer));
  },
  { status: 403, body: { error: 'PROVIDER_MISMATCH' } },
);

attack(
  'mix-up: another issuer in the answer (RFC 9207)',
  async () => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject);
    return client.post(callback, { ...parameters(answer), iss: globex.issuer });
  },
  invalid('OAUTH_INVALID_RESPONSE'),
);

attack(
  'mix-up: no issuer in the answer of a provider that always names itself',
  async () => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject);
    const { iss: _iss, ...rest } = parameters(answer);
    return client.post(callback, rest);
  },
  invalid('OAUTH_INVALID_RESPONSE'),
);

attack(
  'a parameter twice',
  async () => {
    const client = browser(url);
    const { answer } = await round(client, acme, somebody().subject);
    return client.post(callback, { callbackUrl: `${publicUrl}${callback}${answer.search}&code=other` });
  },
  { status: 400, body: { error: 'VALIDATION_ERROR' } },
);

attack(
  'PKCE downgraded: a code that was asked for without a challenge',
  async () => {
    const client = browser(url);
    const started = await client.get('/api/oauth/authorize/acme');
    const asked = new URL(started.body.authorizationUrl);
    asked.searchParams.delete('code_challenge');
    asked.searchParams.delete('code_challenge_method');
    return client.post(callback, parameters(await acme.visit(asked.href, somebody().subject)));
  },
  refused,
);

attack(
  'a code of another flow: injection',
  async () => {
    const [own, stolen] = [browser(url), browser(url)];
    const { answer } = await round(own, acme, somebody().subject);
    const { answer: other } = await round(stolen, acme, somebody().subject);
    return own.post(callback, { ...parameters(answer), code: other.searchParams.get('code') });
  },
  refused,
);

attack(
  'a nonce that was exchanged on the way',
  async () => {
    const client = browser(url);
    const started = await client.get('/api/oauth/authorize/acme');
    const asked = new URL(started.body.authorizationUrl);
    asked.searchParams.set('nonce', 'of-somebody-else');
    return client.post(callback, parameters(await acme.visit(asked.href, somebody().subject)));
  },
  invalid(/nonce/),
);

/** A sign-in in which the provider's ID token says something else. */
async function withToken(change: (claims: Record<string, unknown>) => Record<string, unknown> | string): Promise<unknown> {
  acme.tamper(change);
  try {
    return await complete(browser(url), acme, somebody().subject);
  } finally {
    acme.tamper(null);
  }
}

const past = Math.floor(Date.now() / 1000) - 3600;
const none = (claims: Record<string, unknown>): string => `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

attack('an ID token that has expired', () => withToken((claims) => ({ ...claims, iat: past - 60, exp: past })), invalid(/TIMESTAMP/));
attack('an ID token for another client', () => withToken((claims) => ({ ...claims, aud: 'somebody-else' })), invalid(/aud/));
attack('an ID token of another issuer', () => withToken((claims) => ({ ...claims, iss: globex.issuer })), invalid(/iss/));
attack('an ID token without a signature', () => withToken(none), invalid(/./));

t.test('an ID token of another issuer’s key', async (t) => {
  let forged = '';
  acme.tamper((claims) => {
    forged = JSON.stringify(claims);
    return claims;
  });
  await complete(browser(url), acme, somebody().subject);
  const before = await standing();
  const token = await globex.sign({ ...(JSON.parse(forged) as object), exp: past + 7200 });
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  acme.tamper(() => token);
  t.match(await client.post(callback, parameters(answer)), { status: 403, body: { error: 'PROVIDER_RESPONSE_INVALID' } });
  acme.tamper(null);
  t.strictSame(await standing(), before);
});

t.test('a new signing key is found at once', async (t) => {
  const { subject } = somebody();
  const user = await enrolled(url, acme, subject);
  const client = browser(url);
  const { answer } = await round(client, acme, subject);
  await acme.rotateKey();
  t.match(await client.post(callback, parameters(answer)), { status: 200, body: { user: { id: user.id } } });
});

t.test('what the provider refuses is told by its code, and the state is used up', async (t) => {
  const client = browser(url);
  const started = await client.get('/api/oauth/authorize/acme');
  const answer = { state: started.body.state, iss: acme.issuer, error: 'access_denied', error_description: '<script>alert(1)</script>' };
  const reply = await client.post(callback, answer);
  t.match(reply, { status: 403, body: { error: 'PROVIDER_DENIED', details: { reason: 'access_denied' } } });
  t.notMatch(JSON.stringify(reply.body), /script/);
  t.match(await client.post(callback, answer), flowInvalid);
});

t.test('a provider that does not answer is UNAVAILABLE, and nothing came of it', async (t) => {
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  const before = await standing();
  acme.down('refusing');
  t.match(await client.post(callback, parameters(answer)), { status: 503, body: { error: 'UNAVAILABLE', details: { provider: 'acme' } } });
  acme.down(null);
  t.strictSame(await standing(), before);
});

t.test('a provider that never answers is given up on', { timeout: 60_000 }, async (t) => {
  const client = browser(url);
  const { answer } = await round(client, acme, somebody().subject);
  acme.down('silent');
  t.match(await client.post(callback, parameters(answer)), { status: 503, body: { error: 'UNAVAILABLE', details: { provider: 'acme', reason: 'timeout' } } });
  acme.down(null);
});

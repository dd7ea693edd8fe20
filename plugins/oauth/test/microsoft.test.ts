import { createHarness, type OutboundReply, type OutboundRequest } from '@proofpix/sdk/testing';
import t from 'tap';
import { type TestAccount, type TestProvider, testOidcProvider } from '../../../test/support/oidc-provider.ts';
import plugin from '../plugin.ts';

/*
 * Microsoft's metadata for all directories have an issuer with a placeholder; each ID token has that of its own
 * directory. A provider of the tests stands in for one directory, under Microsoft's own names.
 */

const login = 'https://login.microsoftonline.com';
const directory = '11111111-1111-4111-8111-111111111111';
const publicUrl = 'https://app.example.com';
const people: Record<string, TestAccount> = {
  plain: { email: 'ceo@victim.example', email_verified: false, tid: directory },
  owned: { email: 'ann@contoso.example', email_verified: false, tid: directory, xms_edov: true, name: 'Ann Other Person' },
  personal: { email: 'ann@outlook.example', tid: '9188040d-6c67-4c5b-b112-36a304b66dad' },
};

const provider: TestProvider = await testOidcProvider(t, { redirectUris: [`${publicUrl}/api/oauth/callback/microsoft`], accounts: people, issuer: `${login}/${directory}/v2.0` });

/** The world behind `ctx.fetch`: Microsoft's host is the provider of the tests. */
async function world({ url, method, headers, body }: OutboundRequest): Promise<OutboundReply> {
  if (url.origin !== login) throw new Error(`nothing is at ${url.origin}`);
  const isMetadata = url.pathname === '/common/v2.0/.well-known/openid-configuration';
  const reply = await fetch(`http://${provider.host}${isMetadata ? '/.well-known/openid-configuration' : url.pathname}`, { method, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host')), ...(body === null ? {} : { body: Buffer.from(body) }) });
  const text = (await reply.text()).replaceAll(`http://${provider.host}`, login);
  if (!isMetadata) return { status: reply.status, headers: { 'content-type': reply.headers.get('content-type') ?? 'application/json' }, body: text };
  const { authorization_response_iss_parameter_supported: _none, ...metadata } = JSON.parse(text) as Record<string, never>;
  return { json: { ...metadata, issuer: `${login}/{tenantid}/v2.0` } };
}

async function signIn(subject: string) {
  let flow: { data: unknown; provider: string } | null = null;
  let profile: unknown = null;
  const harness = createHarness(plugin, {
    as: { userId: null },
    settings: { publicUrl, redirectOrigins: [publicUrl], providers: [{ id: 'microsoft', title: 'Microsoft', issuer: `${login}/common/v2.0`, clientId: provider.clientId, scopes: [] }] },
    secrets: { clientSecrets: JSON.stringify({ microsoft: provider.clientSecret }) },
    fetch: world,
    nowMs: Date.now(),
    services: {
      'kernel.sign-in': {
        async begin(given: { data: unknown; provider: string }) {
          flow = given;
          return { state: 'the-state', flowToken: 'the-flow', expiresInSeconds: 600 };
        },
        take: async () => ({ provider: 'microsoft', mode: 'sign-in', redirectTo: null, data: flow?.data }),
        async signIn(given: { profile: unknown }) {
          profile = given.profile;
          return { accessToken: 'a', refreshToken: 'r', expiresIn: 900, user: { id: 'u', email: 'e', firstName: 'f', lastName: 'l' } };
        },
      },
    },
  });
  const started = await harness.request('GET', '/api/oauth/microsoft');
  const asked = new URL(started.body.authorizationUrl);
  const answer = await provider.visit(`http://${provider.host}${asked.pathname}${asked.search}`, subject);
  answer.searchParams.delete('iss');
  const reply = await harness.request('POST', '/api/oauth/callback/microsoft', { body: Object.fromEntries(answer.searchParams) });
  return { asked, reply, profile };
}

t.test('a directory’s own issuer is taken for one of all', async (t) => {
  const { asked, reply, profile } = await signIn('owned');
  t.equal(asked.origin, login);
  t.equal(asked.searchParams.get('scope'), 'openid email profile offline_access');
  t.equal(reply.status, 200);
  t.match(profile, { issuer: `${login}/${directory}/v2.0`, subject: 'owned', email: 'ann@contoso.example', emailVerified: true, firstName: 'Ann', lastName: 'Other Person' });
});

t.test('an address that a directory only claims is not verified', async (t) => {
  const { profile } = await signIn('plain');
  t.match(profile, { email: 'ceo@victim.example', emailVerified: false });
});

t.test('the issuer must be that of the token’s directory', async (t) => {
  const { reply, profile } = await signIn('personal');
  t.match(reply, { status: 403, body: { error: 'PROVIDER_RESPONSE_INVALID', details: { reason: /iss/ } } });
  t.equal(profile, null);
});

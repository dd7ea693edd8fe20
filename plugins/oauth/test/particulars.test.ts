import { createHarness, type OutboundReply, type OutboundRequest } from '@proofpix/sdk/testing';
import t from 'tap';
import plugin from '../plugin.ts';

/* What is particular about single providers, and what is asked of them in each case. */

const publicUrl = 'https://app.example.com';
const issuers: Record<string, string> = { slack: 'https://slack.com', salesforce: 'https://login.salesforce.com', google: 'https://accounts.google.com' };
const tokens = { accessToken: 'the-access', tokenType: 'bearer', refreshToken: null, scope: null, expiresAt: null };

function harness(id: string, answer: (request: OutboundRequest) => OutboundReply, metadata: Record<string, string | string[]> = {}) {
  // metadata are kept for a while by their address, so each harness has an address of its own
  const issuer = id === 'slack' ? 'https://slack.com' : `${issuers[id] as string}/${crypto.randomUUID()}`;
  const asked: OutboundRequest[] = [];
  const made = createHarness(plugin, {
    settings: { publicUrl, redirectOrigins: [publicUrl], providers: [{ id, title: id, issuer, clientId: 'the-client', scopes: [] }] },
    secrets: { clientSecrets: JSON.stringify({ [id]: 'the-secret' }) },
    nowMs: Date.now(),
    fetch(request) {
      if (request.url.pathname.endsWith('/.well-known/openid-configuration')) return { json: { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, ...metadata } };
      asked.push(request);
      return answer(request);
    },
    services: { 'kernel.sign-in': { unlink: async () => ({ issuer, subject: 's', tokens }), tokens: async () => ({ issuer, subject: 's', tokens }), begin: async () => ({ state: 's', flowToken: 'f', expiresInSeconds: 600 }) } },
  });
  return { asked, made };
}

const scopeOf = async (id: string): Promise<string | null> => new URL((await harness(id, () => ({})).made.request('GET', `/api/oauth/${id}`)).body.authorizationUrl).searchParams.get('scope');

t.test('scopes that give a refresh token are asked for by the provider’s name for them', async (t) => {
  t.equal(await scopeOf('salesforce'), 'openid email profile refresh_token');
  t.equal(await scopeOf('google'), 'openid email profile');
  t.equal(await scopeOf('slack'), 'openid email profile');
});

t.test('Slack takes tokens back by a method of its own', async (t) => {
  const { asked, made } = harness('slack', () => ({ json: { ok: true, revoked: true } }));
  t.match((await made.request('DELETE', '/api/oauth/disconnect/slack')).body, { disconnected: true, revocation: 'revoked' });
  t.equal(asked.length, 1);
  t.match(asked[0], { method: 'POST', headers: { authorization: 'Bearer the-access' } });
  t.equal(asked[0]?.url.href, 'https://slack.com/api/auth.revoke');
  t.match((await harness('slack', () => ({ json: { ok: false, error: 'token_revoked' } })).made.request('DELETE', '/api/oauth/disconnect/slack')).body, { revocation: 'failed' }, 'a refusal comes with status 200');
});

t.test('a provider with no way to revoke is told as such', async (t) => {
  const { asked, made } = harness('salesforce', () => ({}));
  t.match((await made.request('DELETE', '/api/oauth/disconnect/salesforce')).body, { disconnected: true, revocation: 'unsupported' });
  t.equal(asked.length, 0);
});

t.test('the client secret goes where the provider wants it', async (t) => {
  const endpoints = { revocation_endpoint: 'https://accounts.google.com/revoke' };
  const basic = harness('google', () => ({}), endpoints);
  await basic.made.request('DELETE', '/api/oauth/disconnect/google');
  t.match(basic.asked[0]?.headers['authorization'], /^Basic /);
  const post = harness('google', () => ({}), { ...endpoints, token_endpoint_auth_methods_supported: ['client_secret_post'] });
  await post.made.request('DELETE', '/api/oauth/disconnect/google');
  t.equal(post.asked[0]?.headers['authorization'], undefined);
  t.match(Buffer.from(post.asked[0]?.body ?? []).toString(), /client_secret=the-secret/);
});

t.test('without introspection, an access token of others is not judged by whether it works', async (t) => {
  const { asked, made } = harness('google', () => ({}));
  t.match(await made.request('POST', '/api/oauth/validate-token', { body: { provider: 'google', token: 'of-some-other-client', type: 'access_token' } }), { status: 400, body: { error: 'VALIDATION_ERROR', details: { field: 'body.type' } } });
  t.equal(asked.length, 0);
});

t.test('a deployment that does not know its address says so', async (t) => {
  const made = createHarness(plugin, { settings: { publicUrl: null, redirectOrigins: [], providers: [{ id: 'google', title: 'Google', issuer: 'https://accounts.google.com', clientId: 'c', scopes: [] }] }, as: { userId: null } });
  t.match(await made.request('GET', '/api/oauth/google'), { status: 503, body: { error: 'UNAVAILABLE', message: /PUBLIC_URL/ } });
});

import t from 'tap';
import { oauthSettings } from './oauth-settings.ts';
import { readSettings } from './schema.ts';

const google = { GOOGLE_CLIENT_ID: 'the-id', GOOGLE_CLIENT_SECRET: 'hunter2' };

t.test('without a client there is no provider', async (t) => {
  t.strictSame(oauthSettings(readSettings({})), { values: { publicUrl: 'http://127.0.0.1:3000', redirectOrigins: ['http://127.0.0.1:3000'], providers: [] }, secrets: { clientSecrets: '{}' } });
});

t.test('secrets are apart from what may be shown', async (t) => {
  const { values, secrets } = oauthSettings(readSettings({ ...google, OIDC_PROVIDERS: '[{"id":"acme","issuer":"https://id.acme.example","clientId":"x","clientSecret":"hunter3"},{"id":"open","issuer":"https://open.example","clientId":"y","scopes":["groups"]}]' }));
  t.notMatch(JSON.stringify(values), /hunter/);
  t.strictSame(JSON.parse(secrets?.['clientSecrets'] ?? ''), { google: 'hunter2', acme: 'hunter3' });
  t.match(values['providers'], [
    { id: 'google', title: 'Google', issuer: 'https://accounts.google.com', clientId: 'the-id', scopes: [] },
    { id: 'acme', title: 'acme', scopes: [] },
    { id: 'open', scopes: ['groups'] },
  ]);
});

t.test('a sign-in never ends just anywhere', async (t) => {
  const originsOf = (env: Record<string, string>) => oauthSettings(readSettings(env)).values['redirectOrigins'];
  t.strictSame(originsOf({ PUBLIC_URL: 'https://app.example.com/base/', CORS_ORIGINS: '*' }), ['https://app.example.com']);
  t.strictSame(originsOf({ PUBLIC_URL: 'https://app.example.com', CORS_ORIGINS: 'https://spa.example.com,https://app.example.com' }), ['https://app.example.com', 'https://spa.example.com']);
});

t.test('on a port that is not known yet there is no address', async (t) => {
  t.equal(oauthSettings(readSettings({ PORT: '0' })).values['publicUrl'], null);
  t.equal(oauthSettings(readSettings({ HOST: '::1', PORT: '8080' })).values['publicUrl'], 'http://[::1]:8080');
});

import { readFileSync } from 'node:fs';
import t from 'tap';
import { ConfigurationError, envExample, readSettings } from './schema.ts';

const message = (env: Record<string, string>): string => {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
};

t.test('each wrong value is one line that names its variable and never its value', async (t) => {
  const lines = message({ PORT: '70000', JWT_SECRET: 'hunter2', LOG_LEVEL: 'loud', EGRESS_ALLOW: 'nowhere' }).split('\n');
  t.match(lines, [/^PORT must be a whole number from 0 to 65535\.$/, /^JWT_SECRET must be/, /^EGRESS_ALLOW must be/, /^LOG_LEVEL must be one of/]);
  t.notMatch(lines.join(), /hunter2/);
});

t.test('settings that belong together are refused alone', async (t) => {
  t.match(message({ TLS_CERT: '/dev/null' }), /^TLS_KEY is missing/);
  t.match(message({ DATABASE_URL: 'postgres://localhost/x' }), /^MASTER_KEY is missing/);
  t.match(message({ SMTP_URL: 'smtp://localhost', SENDGRID_API_KEY: 'x' }), /exclude each other/);
});

t.test('a file that cannot be read is found at boot', async (t) => {
  t.match(message({ TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/dev/null' }), /^TLS_CERT names a file/);
});

t.test('defaults apply, empty counts as absent, units are converted', async (t) => {
  const settings = readSettings({ PORT: '', JWT_EXPIRES_IN: '1h', CORS_ORIGINS: 'https://a.example, https://b.example' });
  t.match(settings, { PORT: 3000, HOST: '127.0.0.1', JWT_EXPIRES_IN: 3600, CORS_ORIGINS: ['https://a.example', 'https://b.example'] });
});

t.test('env.example is what the schema says', async (t) => {
  t.equal(readFileSync(new URL('../env.example', import.meta.url), 'utf8'), envExample(), 'refresh with: npm run env:update');
});

t.test('providers of sign-in are JSON, with ids of their own, over TLS but for this machine', async (t) => {
  const provider = (changes: object) => JSON.stringify([{ id: 'acme', issuer: 'https://id.acme.example', clientId: 'x', clientSecret: 'hunter2', ...changes }]);
  t.match(readSettings({ OIDC_PROVIDERS: provider({}) }).OIDC_PROVIDERS, [{ id: 'acme', issuer: 'https://id.acme.example' }]);
  t.ok(readSettings({ OIDC_PROVIDERS: provider({ issuer: 'http://127.0.0.1:4000' }) }));
  for (const wrong of ['{', '{}', provider({ issuer: 'http://id.acme.example' }), provider({ issuer: 'http://127.0.0.1.acme.example' }), provider({ issuer: 'https://id.acme.example?x' }), provider({ id: 'A/B' }), provider({ more: 1 })]) t.match(message({ OIDC_PROVIDERS: wrong }), /^OIDC_PROVIDERS must be a JSON array of objects with id, issuer/, wrong);
  t.match(message({ OIDC_PROVIDERS: provider({ id: 'google' }) }), /an id of its own/);
  t.notMatch(message({ OIDC_PROVIDERS: provider({ id: 'google', more: 1 }) }), /hunter2/);
  t.match(message({ SLACK_ISSUER: 'http://slack.example' }), /^SLACK_ISSUER must be/);
});

import type { PluginSettings } from './plugins.ts';
import type { OidcProvider, Settings } from './schema.ts';

const builtIn = [
  { id: 'google', title: 'Google', setting: 'GOOGLE' },
  { id: 'microsoft', title: 'Microsoft', setting: 'MICROSOFT' },
  { id: 'salesforce', title: 'Salesforce', setting: 'SALESFORCE' },
  { id: 'slack', title: 'Slack', setting: 'SLACK' },
] as const;

function configured(settings: Settings): OidcProvider[] {
  const named = builtIn.flatMap(({ id, title, setting }) => {
    const clientId = settings[`${setting}_CLIENT_ID`];
    const clientSecret = settings[`${setting}_CLIENT_SECRET`];
    return clientId === undefined || clientSecret === undefined ? [] : [{ id, title, issuer: settings[`${setting}_ISSUER`], clientId, clientSecret }];
  });
  return [...named, ...settings.OIDC_PROVIDERS];
}

/** Where users reach the server; null when it listens on a port that is not known before it does. */
function publicUrl({ PUBLIC_URL, HOST, PORT, TLS_CERT }: Settings): string | null {
  if (PUBLIC_URL !== undefined) return PUBLIC_URL.replace(/\/+$/, '');
  if (PORT === 0) return null;
  return `${TLS_CERT === undefined ? 'http' : 'https'}://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}

/** What `oauth` gets: the providers, where they send people back to, and the client secrets. */
export function oauthSettings(settings: Settings): PluginSettings {
  const providers = configured(settings);
  const url = publicUrl(settings);
  const secrets = Object.fromEntries(providers.flatMap(({ id, clientSecret }) => (clientSecret === undefined ? [] : [[id, clientSecret]])));
  return {
    values: {
      publicUrl: url,
      // `*` lets any page call, but must not let any page be sent what a sign-in ends with
      redirectOrigins: [...new Set([...(url === null ? [] : [new URL(url).origin]), ...settings.CORS_ORIGINS.filter((origin) => origin !== '*')])],
      providers: providers.map(({ id, title, issuer, clientId, scopes }) => ({ id, title: title ?? id, issuer, clientId, scopes: scopes ?? [] })),
    },
    secrets: { clientSecrets: JSON.stringify(secrets) },
  };
}

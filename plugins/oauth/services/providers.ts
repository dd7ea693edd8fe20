import type { OauthContext } from '../kit.ts';
import { ProviderNotConfigured, ProviderUnknown } from '../errors.ts';

/** A provider with what is particular about it. */
export interface Provider {
  id: string;
  title: string;
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  scopes: readonly string[];
  /** Further parameters of the authorization request. */
  parameters: Readonly<Record<string, string>>;
  /** How a grant is ended where RFC 7009 is not spoken. */
  revocationPath: string | null;
}

const usual = ['openid', 'email', 'profile'];

type Particulars = Pick<Provider, 'scopes' | 'parameters' | 'revocationPath'>;
const plain: Particulars = { scopes: usual, parameters: {}, revocationPath: null };

const particulars: Readonly<Record<string, Partial<Particulars>>> = {
  // without both parameters there is no refresh token, or only the first time
  google: { parameters: { access_type: 'offline', prompt: 'consent' } },
  microsoft: { scopes: [...usual, 'offline_access'] },
  salesforce: { scopes: [...usual, 'refresh_token'] },
  // docs.slack.dev/reference/methods/auth.revoke
  slack: { revocationPath: '/api/auth.revoke' },
};

/** @throws PROVIDER_NOT_CONFIGURED, PROVIDER_UNKNOWN */
export async function providerOf(ctx: OauthContext, id: string): Promise<Provider> {
  const found = ctx.settings.providers.find((provider) => provider.id === id);
  if (found === undefined) throw (Object.hasOwn(particulars, id) ? ProviderNotConfigured : ProviderUnknown)({ details: { provider: id } });
  const secrets = JSON.parse((await ctx.secrets.get('clientSecrets')) ?? '{}') as Record<string, string>;
  const own = Object.hasOwn(particulars, id) ? { ...plain, ...particulars[id] } : plain;
  const { title, issuer, clientId } = found;
  return { ...own, id, title, issuer, clientId, clientSecret: Object.hasOwn(secrets, id) ? (secrets[id] as string) : null, scopes: found.scopes.length === 0 ? own.scopes : [...new Set(['openid', ...found.scopes])] };
}

/** Where the provider sends people back to: an address of its own for each provider, which must be registered there. */
export function callbackUrl(publicUrl: string, id: string): string {
  return `${publicUrl}/api/oauth/callback/${id}`;
}

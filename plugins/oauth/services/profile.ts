import type { Static } from '@proofpix/sdk';
import type { ExternalProfile, ProviderTokens } from '@proofpix/sdk';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import type { Provider } from './providers.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The tenant of Microsoft's personal accounts, whose addresses Microsoft has verified. */
const personalAccounts = '9188040d-6c67-4c5b-b112-36a304b66dad';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === 1 || value === '1';

/**
 * Whether the provider vouches for the address. An organisation's administrator writes into Microsoft's
 * `email` what they like; only `xms_edov` (an optional claim) says that the domain is theirs.
 */
function isVerified({ id }: Provider, claims: Claims): boolean {
  return isTrue(claims['email_verified']) || (id === 'microsoft' && (isTrue(claims['xms_edov']) || claims['tid'] === personalAccounts));
}

/** `given_name` and `family_name` (OpenID Connect Core 1.0, section 5.1), or what `name` gives. */
function namesOf(claims: Claims): { firstName: string; lastName: string } {
  const [first = '', ...rest] = text(claims['name']).trim().split(/\s+/);
  const firstName = text(claims['given_name']);
  return firstName === '' ? { firstName: first.slice(0, 200), lastName: (text(claims['family_name']) || rest.join(' ')).slice(0, 200) } : { firstName: firstName.slice(0, 200), lastName: text(claims['family_name']).slice(0, 200) };
}

/** Who somebody is, out of verified claims. */
export function profileOf(provider: Provider, identity: { issuer: string; subject: string }, claims: Claims): Static<typeof ExternalProfile> {
  const email = text(claims['email']);
  return { provider: provider.id, ...identity, email: email === '' || email.length > 320 ? null : email, emailVerified: isVerified(provider, claims), ...namesOf(claims) };
}

/** What is kept of a token response. A refresh that brings no new refresh token leaves the old one good (RFC 6749, section 6). */
export function tokensOf(response: TokenEndpointResponse & TokenEndpointResponseHelpers, nowMs: number, before: Static<typeof ProviderTokens> | null): Static<typeof ProviderTokens> {
  const expiresIn = response.expiresIn();
  return {
    accessToken: response.access_token,
    tokenType: response.token_type,
    refreshToken: response.refresh_token ?? before?.refreshToken ?? null,
    scope: response.scope ?? before?.scope ?? null,
    expiresAt: expiresIn === undefined ? null : new Date(nowMs + expiresIn * 1000).toISOString(),
  };
}

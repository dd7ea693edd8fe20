import * as oidc from 'openid-client';
import { isError, ValidationError } from '@proofpix/sdk';
import type { OauthContext } from '../kit.ts';
import { type OidcClient, oidcClient } from './oidc-client.ts';
import { wrongClaim } from './provider-errors.ts';
import { providerOf } from './providers.ts';

/** What is known of a token; never the token. Times in RFC 3339. */
export interface TokenState {
  active: boolean;
  /** How it was found out. */
  checkedBy: 'signature' | 'introspection' | 'user-info' | 'expiry';
  /** Why it is not active: `expired`, `audience`, `issuer`, `signature`, `malformed`, `inactive` */
  reason: string | null;
  issuer: string | null;
  subject: string | null;
  scope: string | null;
  expiresAt: string | null;
}

const unknown = { reason: null, issuer: null, subject: null, scope: null, expiresAt: null };
const inactive = (checkedBy: TokenState['checkedBy'], reason: string): TokenState => ({ ...unknown, active: false, checkedBy, reason });
const timeOf = (seconds: unknown): string | null => (typeof seconds === 'number' && Number.isFinite(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : null);

const reasons: Readonly<Record<string, string>> = { aud: 'audience', azp: 'audience', iss: 'issuer', exp: 'expired' };

/** Why the library found an ID token wrong. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  const claim = wrongClaim(error);
  if (claim !== null) return reasons[claim] ?? 'malformed';
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return 'expired';
  return code === 'OAUTH_KEY_SELECTION_FAILED' || code === 'OAUTH_INVALID_RESPONSE' || code === 'OAUTH_UNSUPPORTED_OPERATION' ? 'signature' : 'malformed';
}

/**
 * Verifies an ID token by the rules of one that came from the token endpoint, by handing the library such
 * an answer; only the keys are fetched.
 */
async function checkIdToken(client: OidcClient, token: string): Promise<TokenState> {
  const { config, provider } = client;
  const { token_endpoint: endpoint } = config.serverMetadata();
  const outward = config[oidc.customFetch] as oidc.CustomFetch;
  config[oidc.customFetch] = async (url, options) =>
    url === new URL(endpoint as string).href ? Response.json({ access_token: 'none', token_type: 'bearer', id_token: token }) : outward(url, options);
  let refusal: unknown = null;
  const claims = await client.run(async () => {
    try {
      return (await oidc.refreshTokenGrant(config, 'none')).claims();
    } catch (error) {
      // a provider that cannot be reached has not said that the token is wrong
      if (!(error instanceof oidc.ClientError) || error.code === undefined) throw error;
      refusal = error;
      return undefined;
    }
  });
  if (refusal !== null || claims === undefined) return inactive('signature', refusal === null ? 'malformed' : reasonOf(refusal));
  const { iss, sub, exp, aud } = claims;
  // several audiences: ours must be the one it was made for (OpenID Connect Core 1.0, section 3.1.3.7)
  if (Array.isArray(aud) && aud.length > 1 && claims['azp'] !== provider.clientId) return inactive('signature', 'audience');
  return { ...unknown, active: true, checkedBy: 'signature', issuer: iss, subject: sub, expiresAt: timeOf(exp) };
}

/** RFC 7662. Another client's token is none of ours, whatever the provider tells about it. */
async function introspect(client: OidcClient, token: string): Promise<TokenState> {
  const found = await client.run((config) => oidc.tokenIntrospection(config, token, { token_type_hint: 'access_token' }));
  const isOurs = found.client_id === client.provider.clientId;
  if (!found.active || !isOurs) return inactive('introspection', found.active ? 'audience' : 'inactive');
  return { active: true, checkedBy: 'introspection', reason: null, issuer: found.iss ?? null, subject: found.sub ?? null, scope: found.scope ?? null, expiresAt: timeOf(found.exp) };
}

const hasIntrospection = ({ config }: OidcClient): boolean => config.serverMetadata().introspection_endpoint !== undefined;

/** The principal's own access token: by introspection, else by using it. */
async function checkOwn(ctx: OauthContext, client: OidcClient): Promise<TokenState> {
  const { issuer, subject, tokens } = await ctx.services.signIn.tokens({ provider: client.provider.id });
  const known = { issuer, subject, scope: tokens.scope, expiresAt: tokens.expiresAt };
  if (tokens.expiresAt !== null && Date.parse(tokens.expiresAt) <= ctx.clock.now()) return { ...known, active: false, checkedBy: 'expiry', reason: 'expired' };
  if (hasIntrospection(client)) {
    const { active, checkedBy, reason } = await introspect(client, tokens.accessToken);
    return { ...known, active, checkedBy, reason };
  }
  try {
    await client.run((config) => oidc.fetchUserInfo(config, tokens.accessToken, subject));
    return { ...known, active: true, checkedBy: 'user-info', reason: null };
  } catch (error) {
    if (!isError(error, 'PROVIDER_REFUSED')) throw error;
    return { ...known, active: false, checkedBy: 'user-info', reason: 'inactive' };
  }
}

/**
 * Whether a token is good: the principal's own, or a given ID or access token of this deployment's client.
 *
 * @throws NOT_FOUND without a link; VALIDATION_ERROR for an access token where the provider cannot be asked; UNAVAILABLE
 */
export async function checkToken(ctx: OauthContext, { provider, token, type }: { provider: string; token?: string; type?: 'id_token' | 'access_token' }): Promise<TokenState> {
  const client = await oidcClient(ctx, await providerOf(ctx, provider));
  if (token === undefined) return checkOwn(ctx, client);
  if (type !== 'access_token') return checkIdToken(client, token);
  // that it works somewhere does not say for whom it was made
  if (!hasIntrospection(client)) throw ValidationError({ message: 'This provider does not tell for whom an access token was made. Check the ID token.', details: { field: 'body.type', issue: 'must be id_token for this provider' } });
  return introspect(client, token);
}

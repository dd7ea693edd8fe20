import * as oidc from 'openid-client';
import type { ProviderTokens, Static } from '@proofpix/sdk';
import type { OauthContext } from '../kit.ts';
import { type OidcClient, oidcClient } from './oidc-client.ts';
import { providerOf } from './providers.ts';

/** `unsupported`: the provider has no way to revoke, or is not set up any more. */
export type Revocation = 'revoked' | 'failed' | 'unsupported';

type Tokens = Static<typeof ProviderTokens>;

async function byOwnPath(ctx: OauthContext, { provider }: OidcClient, path: string, { accessToken }: Tokens): Promise<Revocation> {
  const reply = await ctx.fetch(new URL(path, provider.issuer).href, { method: 'POST', headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/x-www-form-urlencoded' }, body: '' });
  const answer = (await reply.json()) as { ok?: unknown } | null;
  return reply.status === 200 && answer?.ok === true ? 'revoked' : 'failed';
}

/** Ends the grant at the provider (RFC 7009). Never throws: what it was for is over by now, and the outcome is told. */
export async function revokeTokens(ctx: OauthContext, id: string, tokens: Tokens): Promise<Revocation> {
  if (!ctx.settings.providers.some((provider) => provider.id === id)) return 'unsupported';
  try {
    const client = await oidcClient(ctx, await providerOf(ctx, id));
    const { revocationPath } = client.provider;
    if (revocationPath !== null) return await byOwnPath(ctx, client, revocationPath, tokens);
    if (client.config.serverMetadata().revocation_endpoint === undefined) return 'unsupported';
    // the refresh token takes the access tokens of its grant with it (RFC 7009, section 2.1)
    const [token, hint] = tokens.refreshToken === null ? [tokens.accessToken, 'access_token'] : [tokens.refreshToken, 'refresh_token'];
    await client.run((config) => oidc.tokenRevocation(config, token, { token_type_hint: hint }));
    return 'revoked';
  } catch (error) {
    ctx.log.warn('tokens could not be revoked at their provider', { provider: id, code: String((error as { code?: unknown }).code ?? 'unknown') });
    return 'failed';
  }
}

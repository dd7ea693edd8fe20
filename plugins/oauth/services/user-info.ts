import * as oidc from 'openid-client';
import { isError, type JsonObject } from '@proofpix/sdk';
import type { OauthContext } from '../kit.ts';
import { freshTokens } from './fresh-tokens.ts';
import { oidcClient } from './oidc-client.ts';
import { providerOf } from './providers.ts';

/** A token that ends this soon is renewed first: it would end on the way. */
const marginMs = 30_000;

/**
 * What the provider tells about the principal now (OpenID Connect Core 1.0, section 5.3). The subject is
 * compared, so that a token of somebody else's is noticed.
 *
 * @throws NOT_FOUND without a link, REFRESH_TOKEN_MISSING, PROVIDER_REFUSED, PROVIDER_RESPONSE_INVALID, UNAVAILABLE
 */
export async function userInfo(ctx: OauthContext, id: string): Promise<{ issuer: string; subject: string; claims: JsonObject }> {
  const provider = await providerOf(ctx, id);
  const { issuer, subject, tokens } = await ctx.services.signIn.tokens({ provider: id });
  const client = await oidcClient(ctx, provider);
  const ask = async (accessToken: string): Promise<JsonObject> => (await client.run((config) => oidc.fetchUserInfo(config, accessToken, subject))) as unknown as JsonObject;

  const canRenew = tokens.refreshToken !== null;
  const isEnding = tokens.expiresAt !== null && Date.parse(tokens.expiresAt) - marginMs < ctx.clock.now();
  if (canRenew && isEnding) return { issuer, subject, claims: await ask((await freshTokens(ctx, id)).tokens.accessToken) };
  try {
    return { issuer, subject, claims: await ask(tokens.accessToken) };
  } catch (error) {
    // revoked early, or a provider that does not say when its tokens end
    if (!canRenew || !isError(error, 'PROVIDER_REFUSED')) throw error;
    return { issuer, subject, claims: await ask((await freshTokens(ctx, id)).tokens.accessToken) };
  }
}

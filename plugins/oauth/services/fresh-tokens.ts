import * as oidc from 'openid-client';
import { type ProviderTokens, type Static, Unavailable, isError } from '@proofpix/sdk';
import type { OauthContext } from '../kit.ts';
import { oidcClient } from './oidc-client.ts';
import { tokensOf } from './profile.ts';
import { providerOf } from './providers.ts';
import { revokeTokens } from './revoke-tokens.ts';

type Tokens = Static<typeof ProviderTokens>;

const firstWaitMs = 50;
const longestWaitMs = 500;
/** How long to wait for whoever renews the tokens at the moment. */
const patienceMs = 20_000;

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function renew(ctx: OauthContext, id: string, leaseId: string, before: Tokens): Promise<Tokens> {
  let renewed: Tokens;
  try {
    const client = await oidcClient(ctx, await providerOf(ctx, id));
    const response = await client.run((config) => oidc.refreshTokenGrant(config, before.refreshToken ?? ''));
    renewed = tokensOf(response, ctx.clock.now(), before);
  } catch (error) {
    const isRefused = isError(error, 'PROVIDER_REFUSED') && (error as { details?: { reason?: string } }).details?.reason === 'invalid_grant';
    await ctx.services.signIn.releaseTokens({ provider: id, leaseId, isRefused });
    throw error;
  }
  try {
    // at once: a provider that rotates takes the old refresh token for stolen from now on
    await ctx.services.signIn.storeTokens({ provider: id, leaseId, tokens: renewed });
  } catch (error) {
    // the link went meanwhile, so nobody will ever use these
    if (isError(error, 'CONFLICT')) await revokeTokens(ctx, id, renewed);
    throw error;
  }
  return renewed;
}

/**
 * New tokens for the principal's link. However many ask at once, on however many nodes, the provider is
 * asked once: the others wait and get what it gave.
 *
 * @throws NOT_FOUND, REFRESH_TOKEN_MISSING, PROVIDER_REFUSED, UNAVAILABLE
 */
export async function freshTokens(ctx: OauthContext, id: string): Promise<{ tokens: Tokens; isRenewed: boolean }> {
  const until = Math.min(ctx.deadline - 1_000, ctx.clock.now() + patienceMs);
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    const { outcome, leaseId, tokens } = await ctx.services.signIn.leaseTokens({ provider: id });
    if (outcome === 'fresh' && tokens !== null) return { tokens, isRenewed: false };
    if (outcome === 'lease' && leaseId !== null && tokens !== null) return { tokens: await renew(ctx, id, leaseId, tokens), isRenewed: true };
    if (ctx.signal.aborted || ctx.clock.now() + waitMs > until) throw Unavailable({ message: 'The tokens are being renewed. Try again.', retryAfterSeconds: 2 });
    await wait(waitMs);
  }
}

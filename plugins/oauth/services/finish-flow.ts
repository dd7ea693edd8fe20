import * as oidc from 'openid-client';
import type { ExternalConnection, Json, Static } from '@proofpix/sdk';
import { ProviderMismatch, ProviderResponseInvalid } from '../errors.ts';
import type { OauthContext } from '../kit.ts';
import { requirePublicUrl } from './begin-flow.ts';
import { oidcClient } from './oidc-client.ts';
import { profileOf, tokensOf } from './profile.ts';
import { callbackUrl, providerOf } from './providers.ts';

export interface FinishRequest {
  /** Of the path that the answer came to. */
  provider: string;
  /** Parameters of the authorization response, all of them. */
  response: Readonly<Record<string, string>>;
  flowToken: string | null;
  browser: string | null;
  userAgent: string | null;
}

export type Finished = { mode: 'sign-in'; login: Readonly<Record<string, Json>> } | { mode: 'link'; connection: Static<typeof ExternalConnection> };

/**
 * Ends a flow: uses the state up, trades the code, verifies the ID token, and signs in or links.
 *
 * @throws SIGN_IN_FLOW_INVALID, PROVIDER_MISMATCH, PROVIDER_DENIED, PROVIDER_REFUSED, PROVIDER_RESPONSE_INVALID,
 *   UNAVAILABLE; ACCOUNT_EXISTS, EMAIL_NOT_VERIFIED, FORBIDDEN of a sign-in; IDENTITY_TAKEN, PROVIDER_LINKED of a link
 */
export async function finishFlow(ctx: OauthContext, { provider: id, response, flowToken, browser, userAgent }: FinishRequest): Promise<Finished> {
  const { state = '' } = response;
  // used up before anything is asked of the provider: a code is tried once, whatever comes of it
  const flow = await ctx.services.signIn.take({ state, flowToken, browser });
  if (flow.provider !== id) throw ProviderMismatch({ details: { provider: id } });
  const provider = await providerOf(ctx, id);
  const client = await oidcClient(ctx, provider);
  const { verifier, nonce } = flow.data as { verifier: string; nonce: string };
  const url = new URL(callbackUrl(requirePublicUrl(ctx), id));
  for (const [name, value] of Object.entries(response)) url.searchParams.set(name, value);

  const granted = await client.run((config) => oidc.authorizationCodeGrant(config, url, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }));
  const claims = granted.claims();
  if (claims === undefined) throw ProviderResponseInvalid({ details: { provider: id, reason: 'no ID token' } });
  const more = claims['email'] === undefined && client.config.serverMetadata().userinfo_endpoint !== undefined ? await client.run((config) => oidc.fetchUserInfo(config, granted.access_token, claims.sub)) : {};
  const profile = profileOf(provider, { issuer: claims.iss, subject: claims.sub }, { ...more, ...claims });
  const tokens = tokensOf(granted, ctx.clock.now(), null);

  if (flow.mode === 'link') return { mode: 'link', connection: await ctx.services.signIn.link({ profile, tokens }) };
  return { mode: 'sign-in', login: (await ctx.services.signIn.signIn({ profile, tokens, userAgent: userAgent?.slice(0, 1000) ?? null })) as Record<string, Json> };
}

import * as oidc from 'openid-client';
import { Unavailable, ValidationError } from '@proofpix/sdk';
import type { OauthContext } from '../kit.ts';
import { oidcClient } from './oidc-client.ts';
import { callbackUrl, providerOf } from './providers.ts';

export interface BeginRequest {
  provider: string;
  mode: 'sign-in' | 'link';
  browser: string | null;
  redirectTo: string | null;
  loginHint: string | null;
}

export interface BegunFlow {
  provider: string;
  mode: 'sign-in' | 'link';
  authorizationUrl: string;
  state: string;
  flowToken: string;
  /** seconds */
  expiresIn: number;
}

/** @throws VALIDATION_ERROR for an address that a sign-in must not end at */
function requireRedirect(ctx: OauthContext, redirectTo: string | null): string | null {
  if (redirectTo === null) return null;
  const url = URL.parse(redirectTo);
  const isAllowed = url !== null && url.username === '' && url.password === '' && url.hash === '' && ctx.settings.redirectOrigins.includes(url.origin);
  if (!isAllowed) throw ValidationError({ message: 'A sign-in cannot end at this address.', details: { field: 'query.redirectTo', issue: 'must be within PUBLIC_URL or CORS_ORIGINS, without a fragment' } });
  return url.href;
}

/** @throws UNAVAILABLE while nobody knows by which address users come back */
export function requirePublicUrl(ctx: OauthContext): string {
  const { publicUrl } = ctx.settings;
  if (publicUrl === null) throw Unavailable({ message: 'This deployment does not know its own address: PUBLIC_URL is not set.' });
  return publicUrl;
}

/** Makes an authorization request (RFC 6749, section 4.1.1) with PKCE (RFC 7636), state and nonce. */
export async function beginFlow(ctx: OauthContext, { provider: id, mode, browser, redirectTo: wanted, loginHint }: BeginRequest): Promise<BegunFlow> {
  const provider = await providerOf(ctx, id);
  const redirectUri = callbackUrl(requirePublicUrl(ctx), id);
  const redirectTo = requireRedirect(ctx, wanted);
  const client = await oidcClient(ctx, provider);
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const { state, flowToken, expiresInSeconds } = await ctx.services.signIn.begin({ provider: id, mode, browser, redirectTo, data: { verifier, nonce } });
  const challenge = await oidc.calculatePKCECodeChallenge(verifier);
  const url = await client.run((config) =>
    oidc.buildAuthorizationUrl(config, {
      ...provider.parameters,
      redirect_uri: redirectUri,
      scope: provider.scopes.join(' '),
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(loginHint === null ? {} : { login_hint: loginHint }),
    }),
  );
  return { provider: id, mode, authorizationUrl: url.href, state, flowToken, expiresIn: expiresInSeconds };
}

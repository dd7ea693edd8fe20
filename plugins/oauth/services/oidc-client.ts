import * as oidc from 'openid-client';
import type { OauthContext } from '../kit.ts';
import { providerError } from './provider-errors.ts';
import { providerFetch } from './provider-fetch.ts';
import type { Provider } from './providers.ts';

/** A provider as one call talks to it. */
export interface OidcClient {
  readonly provider: Provider;
  readonly config: oidc.Configuration;
  /** Runs one exchange; what goes wrong comes out as an error of this plugin. */
  run<T>(exchange: (config: oidc.Configuration) => T | Promise<T>): Promise<T>;
}

/** OpenID Connect Core 1.0, section 9: Basic unless the provider says otherwise. */
function authenticationOf({ clientSecret }: Provider, methods: readonly string[] | undefined): oidc.ClientAuth {
  if (clientSecret === null) return oidc.None();
  return methods === undefined || methods.includes('client_secret_basic') ? oidc.ClientSecretBasic(clientSecret) : oidc.ClientSecretPost(clientSecret);
}

/**
 * Discovers the provider (OpenID Connect Discovery 1.0). Signatures of ID tokens are verified although
 * they come from the token endpoint, with keys that are fetched anew each time.
 *
 * @throws UNAVAILABLE when the provider does not answer; PROVIDER_RESPONSE_INVALID for metadata of another issuer
 */
export async function oidcClient(ctx: OauthContext, provider: Provider): Promise<OidcClient> {
  const { fetch, failure } = providerFetch(ctx);

  async function run<T>(exchange: () => T | Promise<T>): Promise<T> {
    try {
      return await exchange();
    } catch (error) {
      throw providerError(ctx, provider, error, failure());
    }
  }

  // only a provider on this machine may be without TLS, which the deployment's settings see to
  const execute = [oidc.enableNonRepudiationChecks, ...(provider.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [])];
  // decided once the metadata are here, which is before the first authenticated request
  const authenticate: oidc.ClientAuth = (server, client, body, headers) => authenticationOf(provider, server.token_endpoint_auth_methods_supported)(server, client, body, headers);
  const config = await run(() => oidc.discovery(new URL(provider.issuer), provider.clientId, {}, authenticate, { execute, [oidc.customFetch]: fetch, timeout: 10 }));
  return { provider, config, run: (exchange) => run(() => exchange(config)) };
}

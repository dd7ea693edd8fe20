import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, importJWK, SignJWT } from 'jose';
import { type Configuration, Provider } from 'oidc-provider';
import type { Teardown } from './database.ts';
import { oidcAdapter } from './oidc-adapter.ts';

/** Claims of somebody at a provider, beside `sub`. */
export interface TestAccount {
  email?: string;
  email_verified?: boolean;
  name?: string;
  given_name?: string;
  family_name?: string;
  /** Microsoft's: the directory, and whether the address's domain is its own. */
  tid?: string;
  xms_edov?: boolean;
}

export interface TestProviderOptions {
  /** Where codes are sent. */
  redirectUris: readonly string[];
  accounts: Readonly<Record<string, TestAccount>>;
  clientId?: string;
  clientSecret?: string;
  config?: Partial<Configuration>;
  /** What it calls itself, where that is not its address. */
  issuer?: string;
}

/** A real OpenID provider on this machine. Whoever `login_hint` names is logged in, and has consented. */
export interface TestProvider {
  readonly issuer: string;
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Requests that reached a route: `token`, `revocation`, `jwks`, `discovery`, `introspection`, `userinfo`. */
  count(route: string): number;
  /** Follows an authorization URL as a browser would, as the account; answers where the provider sends it back to. */
  visit(authorizationUrl: string, account: string): Promise<URL>;
  /** Signs with a new key from now on; the old one is gone. */
  rotateKey(): Promise<void>;
  /** Changes what ID tokens say, signed with the provider's key; null stops. A string replaces the token. */
  tamper(change: ((claims: Record<string, unknown>) => Record<string, unknown> | string) | null): void;
  /** Signs any claims with the provider's key. */
  sign(claims: Record<string, unknown>): Promise<string>;
  /** `refusing` answers 503 to everything, `silent` never answers a token request. */
  down(mode: 'refusing' | 'silent' | null): void;
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: crypto.randomUUID() };
}

const routeNames: readonly (readonly [path: string, name: string])[] = [
  ['/token/introspection', 'introspection'],
  ['/token/revocation', 'revocation'],
  ['/token', 'token'],
  ['/jwks', 'jwks'],
  ['/me', 'userinfo'],
  ['/.well-known/openid-configuration', 'discovery'],
];

/** Keeps cookies of one browser, by name. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  take(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

const maxSteps = 12;

/** Starts a provider that ends with the test. */
export async function testOidcProvider(t: Teardown, options: TestProviderOptions): Promise<TestProvider> {
  const { redirectUris, accounts, clientId = `client-${crypto.randomUUID()}`, clientSecret = `secret-${crypto.randomUUID()}` } = options;
  const counts = new Map<string, number>();
  let down: 'refusing' | 'silent' | null = null;
  let tamper: ((claims: Record<string, unknown>) => Record<string, unknown> | string) | null = null;
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  let key = await newKey();
  const adapter = oidcAdapter();

  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const name = routeNames.find(([end]) => path === end)?.[1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    if (down === 'refusing') return void response.writeHead(503).end();
    if (down === 'silent' && name === 'token') return;
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = options.issuer ?? `http://${host}`;

  const sign = async (claims: Record<string, unknown>): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...(key.kid === undefined ? {} : { kid: key.kid }) }).sign(await importJWK(key, 'RS256'));

  function start(): void {
    const provider = new Provider(issuer, {
      adapter,
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [...redirectUris], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] }],
      jwks: { keys: [key as never] },
      features: { devInteractions: { enabled: false }, revocation: { enabled: true, allowedPolicy: async () => true }, introspection: { enabled: true, allowedPolicy: async () => true } },
      claims: { openid: ['sub', 'tid', 'xms_edov'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
      conformIdTokenClaims: false,
      scopes: ['openid', 'offline_access', 'email', 'profile'],
      cookies: { keys: ['of a test'] },
      pkce: { required: () => false },
      rotateRefreshToken: true,
      issueRefreshToken: async () => true,
      findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) }),
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      async loadExistingGrant(context) {
        const { client, session, params } = context.oidc;
        const grant = new context.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
        grant.addOIDCScope(String(params?.['scope']));
        await grant.save();
        return grant;
      },
      ...options.config,
    } as Configuration);
    provider.use(async (context, next) => {
      await next();
      const body = context.body as { id_token?: string } | undefined;
      if (tamper === null || context.oidc?.route !== 'token' || typeof body?.id_token !== 'string') return;
      const changed = tamper(JSON.parse(Buffer.from(body.id_token.split('.')[1] as string, 'base64url').toString('utf8')) as Record<string, unknown>);
      context.body = { ...body, id_token: typeof changed === 'string' ? changed : await sign(changed) };
    });
    const serve = provider.callback();
    handle = (request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) return void serve(request, response);
      void provider
        .interactionDetails(request, response)
        .then(({ params }) => provider.interactionFinished(request, response, { login: { accountId: String(params['login_hint']) } }, { mergeWithLastSubmission: false }))
        .catch((error: unknown) => response.writeHead(500).end(String(error)));
    };
  }
  start();

  return {
    issuer,
    host,
    clientId,
    clientSecret,
    count: (route) => counts.get(route) ?? 0,
    async visit(authorizationUrl, account) {
      const jar = new CookieJar();
      let url = new URL(authorizationUrl);
      url.searchParams.set('login_hint', account);
      for (let step = 0; step < maxSteps; step++) {
        const reply = await fetch(url, { redirect: 'manual', headers: { cookie: jar.header }, signal: AbortSignal.timeout(20_000) });
        jar.take(reply.headers);
        const location = reply.headers.get('location');
        if (location === null) throw new Error(`the provider answered ${reply.status}: ${(await reply.text()).slice(0, 500)}`);
        await reply.body?.cancel();
        url = new URL(location, url);
        if (redirectUris.includes(`${url.origin}${url.pathname}`)) return url;
      }
      throw new Error('the provider never sent the browser back');
    },
    async rotateKey() {
      key = await newKey();
      start();
    },
    tamper(change) {
      tamper = change;
    },
    sign,
    down(mode) {
      down = mode;
    },
  };
}

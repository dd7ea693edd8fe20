import { plugins } from '../../../config/plugins.ts';
import { openDatabase } from '../../../kernel/database/index.ts';
import { statement } from '../../../kernel/database/statement.ts';
import { type Teardown, testMasterKey } from '../../../test/support/database.ts';
import { CookieJar, type TestAccount, type TestProvider, testOidcProvider } from '../../../test/support/oidc-provider.ts';
import { send, type TestReply, type TestServer, testServer, type TestUser } from '../../../test/support/server.ts';

/** Where users of the tests' deployment believe it to be. */
export const publicUrl = 'https://app.example.com';

export const entries = plugins.filter((entry) => entry.package === '@proofpix/plugin-oauth');

export const people: Record<string, TestAccount> = {};

/** Somebody new at the providers. */
export function somebody(claims: TestAccount = {}): { subject: string; email: string } {
  const subject = `sub-${crypto.randomUUID()}`;
  const email = claims.email ?? `${subject}@example.com`;
  people[subject] = { email, email_verified: true, given_name: 'Ada', family_name: 'Lovelace', name: 'Ada Lovelace', ...claims };
  return { subject, email };
}

export interface Deployment {
  server: TestServer;
  /** Configured as `acme` and as Google, and as `globex`, whose access tokens live for 20 s. `inside` is where nothing may be reached. */
  acme: TestProvider;
  globex: TestProvider;
  env: Record<string, string>;
  /** Past the API: to arrange and to look. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

const quiet = { info() {}, warn() {}, error() {}, debug() {} };

/** A node with two providers that run on this machine. */
export async function deployment(t: Teardown): Promise<Deployment> {
  const redirectUris = ['acme', 'globex', 'google'].map((id) => `${publicUrl}/api/oauth/callback/${id}`);
  const [acme, globex] = await Promise.all([testOidcProvider(t, { redirectUris, accounts: people }), testOidcProvider(t, { redirectUris, accounts: people, config: { ttl: { AccessToken: 20 } } })]);
  const clientOf = (id: string, { issuer, clientId, clientSecret }: TestProvider) => ({ id, issuer, clientId, clientSecret, title: id.toUpperCase() });
  const env = {
    PUBLIC_URL: publicUrl,
    CORS_ORIGINS: 'https://spa.example.com',
    EGRESS_ALLOW: `${acme.host},${globex.host}`,
    OIDC_PROVIDERS: JSON.stringify([clientOf('acme', acme), clientOf('globex', globex), { id: 'inside', issuer: 'http://127.0.0.1:9', clientId: 'x' }]),
    GOOGLE_CLIENT_ID: acme.clientId,
    GOOGLE_CLIENT_SECRET: acme.clientSecret,
    GOOGLE_ISSUER: acme.issuer,
  };
  const server = await testServer(t, { entries, env });
  const database = await openDatabase({ url: server.databaseUrl, dataDir: server.dataDir, masterKey: testMasterKey, log: quiet as never });
  t.teardown(() => database.close());
  return { server, acme, globex, env, sql: <Row extends object>(text: string, values: unknown[] = []) => database.system((em) => statement<Row>(em, text, values)) };
}

/** A client with a cookie jar, logged in or not. */
export interface Browser {
  readonly jar: CookieJar;
  get(path: string): Promise<TestReply>;
  post(path: string, body: unknown): Promise<TestReply>;
}

export function browser(url: string, user?: TestUser): Browser {
  const jar = new CookieJar();
  const headers = (): Record<string, string> => ({ ...(jar.header === '' ? {} : { cookie: jar.header }), ...(user === undefined ? {} : { authorization: `Bearer ${user.accessToken}` }) });
  return {
    jar,
    async get(path) {
      const reply = await fetch(`${url}${path}`, { headers: headers(), redirect: 'manual', signal: AbortSignal.timeout(60_000) });
      jar.take(reply.headers);
      const text = await reply.text();
      return { status: reply.status, headers: reply.headers, body: text === '' ? null : JSON.parse(text) };
    },
    async post(path, body) {
      const reply = await send(url, 'POST', path, body, headers());
      jar.take(reply.headers);
      return reply;
    },
  };
}

export interface Round {
  started: TestReply;
  /** Where the provider sent the browser. */
  answer: URL;
}

/** From the start to the provider's answer. */
export async function round(client: Browser, provider: TestProvider, subject: string, path = '/api/oauth/authorize/acme'): Promise<Round> {
  const started = await client.get(path);
  if (started.status !== 200) throw new Error(`the start answered ${started.status}: ${JSON.stringify(started.body)}`);
  return { started, answer: await provider.visit(started.body.authorizationUrl, subject) };
}

/** The parameters of an answer, as a page would send them on. */
export const parameters = (answer: URL): Record<string, string> => Object.fromEntries(answer.searchParams);

/** A whole sign-in or link. */
export async function complete(client: Browser, provider: TestProvider, subject: string, id = 'acme'): Promise<TestReply> {
  const { answer } = await round(client, provider, subject, `/api/oauth/authorize/${id}`);
  return client.post(`/api/oauth/callback/${id}`, parameters(answer));
}

/** A user who signed up by a provider, and asks as themselves. */
export async function enrolled(url: string, provider: TestProvider, subject: string, id = 'acme'): Promise<TestUser> {
  const { status, body } = await complete(browser(url), provider, subject, id);
  if (status !== 200) throw new Error(`the sign-in answered ${status}: ${JSON.stringify(body)}`);
  return userOf(url, body);
}

export function userOf(url: string, login: { accessToken: string; refreshToken: string; user: { id: string; email: string } }): TestUser {
  const { accessToken, refreshToken, user } = login;
  return { email: user.email, password: '', id: user.id, accessToken, refreshToken, send: (method, path, body, headers = {}) => send(url, method, path, body, { authorization: `Bearer ${accessToken}`, ...headers }) };
}

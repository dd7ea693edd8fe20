import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import type { PluginEntry } from '../../config/plugins.ts';
import { readSettings } from '../../config/schema.ts';
import { boot, type Kernel } from '../../kernel/boot.ts';
import { testDatabaseUrl, testMasterKey, type Teardown } from './database.ts';

export interface TestServer {
  readonly url: string;
  readonly kernel: Kernel;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Registers a user with a tenant of their own. */
  register(name?: string): Promise<TestUser>;
}

export interface TestUser {
  readonly email: string;
  readonly password: string;
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Sends JSON (or a form) as this user. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestReply>;
}

export interface TestReply {
  status: number;
  headers: Headers;
  // A reply's body is whatever the route says; tests match on it.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export async function send(base: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestReply> {
  const isForm = body instanceof FormData;
  const reply = await fetch(`${base}${path}`, {
    method,
    headers: body === undefined || isForm ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: reply.headers.get('content-type')?.includes('json') === true && text !== '' ? (JSON.parse(text) as unknown) : text };
}

export interface TestServerOptions {
  entries: readonly PluginEntry[];
  env?: Record<string, string>;
  /** To boot a second node on one database. */
  databaseUrl?: string;
  dataDir?: string;
  /** Default: silent, or as loud as TEST_LOG says. */
  log?: Logger;
}

/** A whole node on a database of its own, closed when the test ends. */
export async function testServer(t: Teardown, { entries, env = {}, databaseUrl, dataDir, log }: TestServerOptions): Promise<TestServer> {
  const url = databaseUrl ?? (await testDatabaseUrl(t));
  const dir = dataDir ?? (await mkdtemp(join(tmpdir(), 'proofpix-test-')));
  const level = process.env['TEST_LOG'] ?? 'silent';
  const settings = readSettings({ DATABASE_URL: url, MASTER_KEY: testMasterKey.toString('hex'), DATA_DIR: dir, PORT: '0', BCRYPT_COST: '4', RATE_LIMIT_PER_MINUTE: '1000000', SANDBOX_CHILDREN: '1', LOG_LEVEL: level, EMAIL_VERIFICATION: 'optional', ...env });
  const kernel = await boot({ settings, entries, log: log ?? pino({ level }) });
  t.teardown(async () => {
    await kernel.close(2000);
    if (dataDir === undefined) await rm(dir, { recursive: true, force: true });
  });
  let users = 0;
  return {
    url: kernel.url,
    kernel,
    databaseUrl: url,
    dataDir: dir,
    async register(name = `user${++users}`) {
      const email = `${name}-${crypto.randomUUID().slice(0, 8)}@example.com`;
      const password = `Violet-Kettle-${crypto.randomUUID().slice(0, 8)}`;
      const registered = await send(kernel.url, 'POST', '/api/auth/register', { email, password, firstName: 'Test', lastName: 'User' });
      if (registered.status !== 201) throw new Error(`register answered ${registered.status}: ${JSON.stringify(registered.body)}`);
      const { status, body } = await send(kernel.url, 'POST', '/api/auth/login', { email, password });
      if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
      return {
        email,
        password,
        id: body.user.id,
        accessToken: body.accessToken,
        refreshToken: body.refreshToken,
        send: (method, path, payload, headers = {}) => send(kernel.url, method, path, payload, { authorization: `Bearer ${body.accessToken}`, ...headers }),
      };
    },
  };
}

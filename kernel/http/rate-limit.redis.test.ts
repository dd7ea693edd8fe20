import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import type { FastifyInstance } from 'fastify';
import type { Auth } from '../auth/contract.ts';
import { until } from '../../test/support/messaging.ts';
import { fakeAuth, identity } from './testing/fakes.ts';
import { startServer } from './testing/start.ts';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

async function kernelRoutes(fastify: FastifyInstance): Promise<void> {
  fastify.get('/kernel/public', { config: { access: 'public' } }, async () => ({}));
  fastify.get('/kernel/own', { config: { access: 'user' } }, async () => ({}));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function startRedis(port: number): Promise<ChildProcess> {
  const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of redis.stdout) if (String(line).includes('Ready to accept connections')) break;
  redis.stdout.resume();
  return redis;
}

t.test('two nodes count together in Redis, and by themselves when it dies', { skip: !isInstalled && 'redis-server is not installed' }, async (test) => {
  const port = await freePort();
  const redis = await startRedis(port);
  test.teardown(() => redis.kill('SIGKILL'));
  const auth: Auth = {
    ...fakeAuth(),
    authenticate({ apiKey = '' }) {
      const known = identity();
      return Promise.resolve({ ...known, credentialId: apiKey, principal: { ...known.principal, kind: 'api-key', credentialId: apiKey }, key: { requestsPerMinute: 3, signs: false } } as const);
    },
  };
  const options = { redisUrl: `redis://127.0.0.1:${port}`, rateLimit: { windowMs: 60_000, perPrincipal: 10, perAddress: 4 } };
  const [a, b] = [await startServer(test, { auth, plugins: [kernelRoutes] }, options), await startServer(test, { auth, plugins: [kernelRoutes] }, options)];
  const askAs = async ({ server }: typeof a, key: string): Promise<number> => (await server.fastify.inject({ url: '/kernel/own', headers: { 'x-api-key': key } })).statusCode;
  // a node that is not connected yet counts by itself for a while
  let probes = 0;
  await until(async () => {
    probes += 1;
    for (let at = 0; at < 3; at += 1) await askAs(a, `probe ${probes}`);
    return (await askAs(b, `probe ${probes}`)) === 429;
  });
  const ask = async ({ server }: typeof a): Promise<number> => (await server.fastify.inject({ url: '/kernel/public' })).statusCode;

  test.strictSame([await ask(a), await ask(b), await ask(a), await ask(b)], [200, 200, 200, 200]);
  test.strictSame([await ask(a), await ask(b)], [429, 429], 'what one node let through the other counts');

  test.strictSame([await askAs(a, 'k1'), await askAs(b, 'k1'), await askAs(a, 'k1'), await askAs(b, 'k1')], [200, 200, 200, 429], 'and so do the requests of one key, by its own limit');
  test.strictSame([await askAs(a, 'k2'), await askAs(b, 'k2')], [200, 200], 'apart from other keys');

  redis.kill('SIGKILL');
  await once(redis, 'exit');
  await until(async () => (await ask(a)) === 200);
  test.ok(a.log.lines.some(({ message }) => message.includes('counts rate limits by itself')));
});

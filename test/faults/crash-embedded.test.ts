import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../support/messaging.ts';
import { createClient, lostInTheEnd, lostNow, randomFrom, remaining } from './crash/client.ts';
import { startServer } from './crash/server-process.ts';

t.test('a killed server leaves its embedded database in a state to go on from', { timeout: 110_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-crash-embedded-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const env = { DATA_DIR: dataDir, PORT: '0', BCRYPT_COST: '4', SANDBOX_CHILDREN: '1', RATE_LIMIT_PER_MINUTE: '1000000' };
  const client = createClient(randomFrom(1));
  let server = startServer(env);
  t.teardown(() => server.kill());
  client.use(await server.ready);
  await client.register();
  let isUp = true;
  const writing = client.write(() => isUp);
  await until(() => Object.values(client.acks).every((count) => count >= 5), 30_000);
  await server.kill();
  isUp = false;
  await writing;

  server = startServer(env);
  client.use(await server.ready);
  t.strictSame(await lostNow(client, client.acknowledged.files.keys()), [], 'nothing is lost');
  t.strictSame(await remaining(() => lostInTheEnd(client)), [], 'every effect came about');
  t.equal(await server.terminate(), 0);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openDatabase } from '../../kernel/database/index.ts';
import { quietLog, testDatabaseUrl, testMasterKey } from '../support/database.ts';
import { until } from '../support/messaging.ts';
import { createClient, lostInTheEnd, lostNow, randomFrom, remaining, without } from './crash/client.ts';
import { startServer, type ServerProcess } from './crash/server-process.ts';

/**
 * A whole server is killed at random moments while a client keeps writing. What it acknowledged must
 * be there afterwards, all of it; of what it did not acknowledge, all or nothing.
 */

const kills = 20;
const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
// About 75 s alone on two cores, most of it booting; other tests run beside it.
t.setTimeout(540_000);

t.test('twenty kills lose nothing that was acknowledged and leave nothing half done', { timeout: 530_000 }, async (t) => {
  t.comment(`CRASH_SEED=${seed}`);
  const random = randomFrom(seed);
  const databaseUrl = await testDatabaseUrl(t);
  const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-crash-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const env = { DATABASE_URL: databaseUrl, MASTER_KEY: testMasterKey.toString('hex'), DATA_DIR: dataDir, PORT: '0', BCRYPT_COST: '4', RATE_LIMIT_PER_MINUTE: '1000000', SANDBOX_CHILDREN: '1', JWT_EXPIRES_IN: '3600', PLUGINS: 'few' };
  const client = createClient(random);
  let server: ServerProcess = startServer(env);
  t.teardown(() => server.kill());
  client.use(await server.ready);
  await client.register();

  const seen = new Set<string>();
  for (let kill = 1; kill <= kills; kill++) {
    if (kill % 5 === 0) {
      // A boot is a moment like any other.
      await server.kill();
      server = startServer(env);
      await delay(random() * 1500);
      await server.kill();
      server = startServer(env);
      client.use(await server.ready);
      continue;
    }
    let isUp = true;
    const writing = client.write(() => isUp);
    // Sometimes at once, sometimes in the middle of a good many; each kind has its turn to be waited for.
    const kind = (['upload', 'emit', 'send', 'both'] as const)[kill % 4] as string;
    const target = (client.acks[kind] as number) + Math.floor(random() * 8);
    await until(() => (client.acks[kind] as number) >= target, 30_000);
    await delay(random() * 60);
    await server.kill();
    isUp = false;
    await writing;
    server = startServer(env);
    client.use(await server.ready);
    const fresh = without(client.acknowledged.files.keys(), seen);
    for (const id of fresh) seen.add(id);
    t.strictSame(await lostNow(client, fresh), [], `nothing is lost after kill ${kill}`);
  }

  const { files, emitted, sent, both } = client.acknowledged;
  t.comment(`${files.size} uploads, ${emitted.length} events, ${sent.length} jobs, ${both.length} of both`);
  t.ok([files.size, emitted.length, sent.length, both.length].every((count) => count >= 5), 'there was something to lose');
  t.strictSame(client.refused, [], 'no request was answered with an error');
  const lost = await remaining(() => lostInTheEnd(client));
  t.strictSame(lost, [], 'every effect came about');
  t.strictSame(await lostNow(client, files.keys()), [], 'everything is still there');

  const [effects, echoes] = [await client.book('effects'), await client.book('echoes')];
  t.strictSame(echoes.toSorted(), effects.toSorted(), 'each effect came about once and whole');
  const unannounced = effects.filter((key) => key.startsWith('file ')).map((key) => key.slice(5));
  t.strictSame((await Promise.all(unannounced.map((id) => client.fileProblem(id)))).filter((problem) => problem !== null), [], 'also a file whose acknowledgement was cut off is whole');

  t.equal(await server.terminate(), 0, 'it still ends in order');
  const database = await openDatabase({ url: databaseUrl, dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: 2 });
  t.teardown(() => database.close());
  const dead = await database.boot((query) => query(`select name, data from pgboss.job where name like '%-dead'`));
  t.strictSame(dead, [], 'nothing was given up');
});

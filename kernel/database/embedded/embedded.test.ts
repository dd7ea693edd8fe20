import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { quietLog } from '../../../test/support/database.ts';
import { withBootConnection } from '../boot-connection.ts';
import { type EmbeddedCluster, startEmbedded } from './embedded.ts';
import { findPostmaster, isAlive } from './postmaster.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-embedded-'));
const clusterDir = join(dataDir, 'postgres');
const settings = ['fsync=off'];
t.teardown(async () => {
  const left = await findPostmaster(clusterDir);
  if (left) process.kill(left.pid, 'SIGQUIT');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

const start = (): Promise<EmbeddedCluster> => startEmbedded({ dataDir, log: quietLog, settings });
const pidOf = async (): Promise<number> => (await findPostmaster(clusterDir))?.pid ?? 0;
const count = (url: string): Promise<unknown> => withBootConnection(url, async (query) => (await query('select count(*)::int as n from kept'))[0]?.['n']);

async function until(condition: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('the condition was not met in time');
    await delay(20);
  }
}

/** A server process of its own, to be killed. */
async function owner(): Promise<ChildProcess> {
  const embedded = fileURLToPath(new URL('embedded.ts', import.meta.url));
  const code = `const { startEmbedded } = await import(${JSON.stringify(embedded)}); const log = { debug() {}, info() {}, warn() {}, error() {} };
    await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log, settings: ['fsync=off'] }); process.stdout.write('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

t.test('a half-made cluster of a killed first boot is no obstacle, and is swept', async (test) => {
  const draft = `${clusterDir}.init-1-dead`;
  await mkdir(draft);
  await writeFile(join(draft, 'PG_VERSION'), '18');
  const cluster = await start();
  await test.rejects(stat(draft), { code: 'ENOENT' });
  await withBootConnection(cluster.url, (query) => query('create table kept (id int); insert into kept values (1)'));
  test.equal((await stat(join(dataDir, 'postgres.password'))).mode & 0o777, 0o600);
  await cluster.stop();
  test.equal(await pidOf(), 0);
});

t.test('the socket is local and asks for the password', async (test) => {
  const cluster = await start();
  const url = new URL(cluster.url);
  url.password = 'wrong';
  await test.rejects(withBootConnection(url.href, async () => undefined), /password authentication failed/);
  const listening = await withBootConnection(cluster.url, async (query) => [await query('show listen_addresses'), await query('show unix_socket_directories')]);
  test.same(listening, [[{ listen_addresses: '127.0.0.1' }], [{ unix_socket_directories: '' }]]);
  await cluster.stop();
});

t.test('a second server on the directory gets one clear error and does no harm', async (test) => {
  const cluster = await start();
  await test.rejects(start(), /Another ProofPix server is running on the data directory/);
  test.equal(await count(cluster.url), 1);
  await cluster.stop();
});

t.test('what a killed server left running is adopted with its data', async (test) => {
  const killed = await owner();
  const pid = await pidOf();
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  test.ok(isAlive(pid), 'PostgreSQL outlives its owner');
  const cluster = await start();
  test.equal(await pidOf(), pid);
  test.equal(await count(cluster.url), 1);
  await cluster.stop();
  test.equal(await pidOf(), 0);
});

t.test('a lock file of a dead server, and one whose pid is somebody else, are stale', async (test) => {
  for (const pid of [2_147_483_646, process.pid]) {
    await writeFile(join(clusterDir, 'postmaster.pid'), `${pid}\n${clusterDir}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
    const cluster = await start();
    test.not(await pidOf(), pid);
    test.equal(await count(cluster.url), 1);
    await cluster.stop();
  }
});

t.test('killed together, both come back with what was committed', async (test) => {
  const killed = await owner();
  const pid = await pidOf();
  killed.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await once(killed, 'exit');
  const cluster = await start();
  test.equal(await count(cluster.url), 1);
  await cluster.stop();
});

t.test('a PostgreSQL that dies under its owner is started again on its port', async (test) => {
  const cluster = await start();
  const pid = await pidOf();
  process.kill(pid, 'SIGKILL');
  const owned = (): Promise<boolean> => withBootConnection(cluster.url, async (query) => (await query(`select 1 from pg_locks where locktype = 'advisory' and granted`)).length > 0);
  await until(async () => (await pidOf()) !== pid && (await owned()));
  await test.rejects(start(), /Another ProofPix server/, 'and is owned again');
  test.equal(await count(cluster.url), 1);
  await cluster.stop();
  test.match(await readFile(`${clusterDir}.log`, 'utf8'), /database system was (not properly shut down|shut down)/);
});

t.test('as root below a directory that is closed to others', { skip: process.getuid?.() !== 0 && 'not root' }, async (test) => {
  const closed = await mkdtemp(join(tmpdir(), 'proofpix-closed-'));
  test.teardown(() => rm(closed, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const started = await startEmbedded({ dataDir: join(closed, 'data'), log: quietLog, settings }).catch((error: Error) => error);
  if (started instanceof Error) {
    test.match(started.message, /cannot pass .*chmod o\+x/, 'the machine does not give the capability: it says what to do');
    return;
  }
  test.same(await withBootConnection(started.url, (query) => query('select 1 as one')), [{ one: 1 }]);
  test.equal((await stat(closed)).mode & 0o777, 0o700, 'and the directory above is left as it was');
  await started.stop();
});

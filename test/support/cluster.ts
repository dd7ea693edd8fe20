import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

const startTimeoutMs = 60_000;
const pollMs = 50;
const keeper = fileURLToPath(new URL('cluster-keeper.ts', import.meta.url));
const checkout = createHash('sha256').update(keeper).digest('hex').slice(0, 12);
const directory = join(tmpdir(), `proofpix-test-${process.getuid?.() ?? 0}-${checkout}`);

export interface TestCluster {
  /** superuser connection; while it is open the cluster stays */
  admin: Client;
  urlOf(database: string): string;
}

async function reach(): Promise<TestCluster | undefined> {
  const text = await readFile(join(directory, 'cluster.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const address = JSON.parse(text) as { adminUrl: string; bootUser: string; bootPassword: string };
  const admin = new Client({ connectionString: address.adminUrl, connectionTimeoutMillis: 5_000, application_name: 'test' });
  admin.on('error', () => undefined);
  try {
    await admin.connect();
  } catch {
    return undefined;
  }
  return {
    admin,
    urlOf(database) {
      const url = new URL(address.adminUrl);
      url.username = address.bootUser;
      url.password = address.bootPassword;
      url.pathname = `/${database}`;
      return url.href;
    },
  };
}

async function startKeeper(): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const log = await open(join(directory, `keeper.${process.pid}.log`), 'a');
  // its own process group and no pipes: the test runner must not wait for it
  spawn(process.execPath, [keeper, directory], { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/', env: { PATH: process.env['PATH'] ?? '' } }).unref();
  await log.close();
}

/** Reaches the test run's PostgreSQL, starting it when nobody has. */
export async function testCluster(): Promise<TestCluster> {
  const deadline = Date.now() + startTimeoutMs;
  for (let attempt = 0; Date.now() < deadline; attempt += 1) {
    const cluster = await reach();
    if (cluster) return cluster;
    // of several keepers one gets the cluster and the others leave; try again should all have met a closing one
    if (attempt % 100 === 0) await startKeeper();
    await delay(pollMs);
  }
  throw new Error(`The test PostgreSQL did not start within ${startTimeoutMs} ms: see ${directory}`);
}

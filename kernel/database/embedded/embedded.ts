import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withBootConnection } from '../boot-connection.ts';
import type { DatabaseLog } from '../log.ts';
import { clusterAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { claimCluster } from './guard.ts';
import { clusterPassword, initialiseCluster, superuser, sweepDrafts } from './initialise.ts';
import { type Lent, lend } from './lend.ts';
import { type Postmaster, findPostmaster, stopPostmaster, untilReady } from './postmaster.ts';

const startAttempts = 5;
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;
const databaseName = 'proofpix';

/** An embedded PostgreSQL cluster that this process owns until `stop`. */
export interface EmbeddedCluster {
  /** superuser URL of the application's database */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log: DatabaseLog;
  /** further `name=value` server settings, for tests and benchmarks */
  settings?: readonly string[];
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

interface Launch {
  clusterDir: string;
  binaries: Binaries;
  lent: Lent;
  options: EmbeddedOptions;
}

async function launch({ clusterDir, binaries, lent, options }: Launch, port: number): Promise<number> {
  const log = await open(`${clusterDir}.log`, 'w', 0o600);
  try {
    const all = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'jit=off', 'timezone=UTC', ...(options.settings ?? [])];
    // its own process group: Ctrl-C in a terminal must reach the application first, which then stops the database
    const postgres = lent.command(binaries.postgres, ['-D', clusterDir, ...all.flatMap((setting) => ['-c', setting])]);
    const child = spawn(postgres.file, postgres.args, {
      ...postgres.options,
      cwd: clusterDir,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { LC_ALL: 'C', PATH: process.env['PATH'] ?? '' },
    });
    child.unref();
    return await new Promise((done, fail) => {
      child.once('error', fail);
      child.once('spawn', () => done(child.pid ?? 0));
    });
  } finally {
    await log.close();
  }
}

async function startOrAdopt(how: Launch, port?: number): Promise<Postmaster> {
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    const running = await findPostmaster(how.clusterDir);
    const pid = running?.pid ?? (await launch(how, port ?? (await freePort())));
    const ready = await untilReady(how.clusterDir, pid, readyTimeoutMs);
    if (ready) {
      if (running && port === undefined) how.options.log.warn({ pid }, 'adopted the PostgreSQL that an earlier run left behind');
      return ready;
    }
    // a port taken in between, another process starting the same cluster, or backends of a killed server still leaving
    await delay(100 * attempt);
  }
  throw new Error(`The embedded PostgreSQL did not start: see ${how.clusterDir}.log`);
}

async function ensureDatabase(url: string): Promise<void> {
  await withBootConnection(url, async (query) => {
    const found = await query('select 1 from pg_database where datname = $1', [databaseName]);
    if (found.length === 0) await query(`create database ${databaseName}`);
  });
}

/**
 * Starts PostgreSQL on `<dataDir>/postgres`, or takes over one that a killed run left there.
 *
 * @throws Error when another running server uses the directory, or PostgreSQL cannot start
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true });
  const [account, binaries] = await Promise.all([clusterAccount(clusterDir), findBinaries()]);
  const lent = await lend({ account, dataDir, programDir: dirname(binaries.postgres), log: options.log });
  const secret = await clusterPassword(dataDir, account);
  await initialiseCluster({ clusterDir, passwordFile: secret.path, binaries, lent });
  const how: Launch = { clusterDir, binaries, lent, options };
  let postmaster = await startOrAdopt(how);
  const { port } = postmaster;
  const url = (database: string): string => `postgres://${superuser}:${encodeURIComponent(secret.password)}@127.0.0.1:${port}/${database}`;
  const guard = await claimCluster({
    url: url('postgres'),
    dataDir,
    log: options.log,
    async revive() {
      postmaster = await startOrAdopt(how, port);
    },
  });
  await ensureDatabase(url('postgres'));
  await sweepDrafts(clusterDir);
  return {
    url: url(databaseName),
    port,
    async stop() {
      await guard.release();
      await stopPostmaster(clusterDir, postmaster.pid, stopTimeoutMs);
    },
  };
}

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
  return claimStarted({ how, password: secret.password, dataDir });
}

/** What a connection says when its server dies at that moment: class 57P of PostgreSQL, or the socket. */
const dying = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', '57P01', '57P02', '57P03']);

/** A server that was found alive may be dying: killed, but not gone yet. Then it is looked for again. */
async function claimStarted(options: ClaimStarted, attempt = 1): Promise<EmbeddedCluster> {
  try {
    return await claimOnce(options);
  } catch (error) {
    if (attempt === startAttempts || !dying.has(String((error as { code?: string }).code))) throw error;
    await delay(100 * attempt);
    return claimStarted(options, attempt + 1);
  }
}

interface ClaimStarted {
  how: Launch;
  password: string;
  dataDir: string;
}

async function claimOnce({ how, password, dataDir }: ClaimStarted): Promise<EmbeddedCluster> {
  const { clusterDir, options } = how;
  let postmaster = await startOrAdopt(how);
  const { port } = postmaster;
  const url = (database: string): string => `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const guard = await claimCluster({
    url: url('postgres'),
    dataDir,
    log: options.log,
    async revive() {
      postmaster = await startOrAdopt(how, port);
    },
  });
  await ensureDatabase(url('postgres')).catch(async (error: unknown) => {
    await guard.release();
    throw error;
  });
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

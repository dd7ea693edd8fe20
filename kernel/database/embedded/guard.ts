import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatabaseLog } from '../log.ts';

/** Key of the session-level advisory lock that says "a server owns this cluster". */
const ownerLock = 7_206_150_001;
const connectTimeoutMs = 10_000;
const retryMs = 250;
const maxRetries = 40;

/** Ownership of a cluster: held by a connection, so the operating system gives it back when the owner is killed. */
export interface Guard {
  release(): Promise<void>;
}

export interface GuardOptions {
  url: string;
  dataDir: string;
  log: DatabaseLog;
  /** Starts PostgreSQL again, on the same port, when it is gone. */
  revive(): Promise<void>;
}

async function claim(options: GuardOptions, onLoss: () => void): Promise<Client> {
  const client = new Client({ connectionString: options.url, connectionTimeoutMillis: connectTimeoutMs, application_name: 'proofpix-owner', keepAlive: true });
  let held = false;
  client.on('error', () => {
    if (held) onLoss();
    held = false;
  });
  await client.connect();
  const { rows } = await client.query<{ owned: boolean }>('select pg_try_advisory_lock($1) as owned', [ownerLock]);
  if (!rows[0]?.owned) {
    await client.end();
    throw new Error(`Another ProofPix server is running on the data directory ${options.dataDir}: stop it, or set DATA_DIR to another one`);
  }
  held = true;
  return client;
}

/**
 * Claims the cluster for this process. When the connection breaks (PostgreSQL restarts all of them after a crash of
 * one), it is claimed again within 10 seconds.
 *
 * @throws Error when another process holds it
 */
export async function claimCluster(options: GuardOptions): Promise<Guard> {
  let released = false;
  let client: Client | undefined;
  async function regain(): Promise<void> {
    for (let attempt = 1; attempt <= maxRetries; attempt += 1) {
      await delay(retryMs);
      if (released) return;
      try {
        await options.revive();
        client = await claim(options, lost);
        options.log.warn({ attempt }, 'the embedded PostgreSQL is back');
        return;
      } catch (error) {
        if (attempt === maxRetries) options.log.error({ err: error }, 'the embedded PostgreSQL is lost');
      }
    }
  }
  function lost(): void {
    if (released) return;
    options.log.error({}, 'lost the connection that owns the embedded PostgreSQL');
    void regain();
  }
  client = await claim(options, lost);
  return {
    async release() {
      released = true;
      await client?.end().catch(() => undefined);
    },
  };
}

import { Client } from 'pg';
import type { DatabaseLog } from '../log.ts';

/** Key of the session-level advisory lock that says "a server owns this cluster". */
const ownerLock = 7_206_150_001;

/** Ownership of a cluster: held by a connection, so the operating system gives it back when the owner is killed. */
export interface Guard {
  release(): Promise<void>;
}

/**
 * Claims the cluster for this process and makes sure the application's database exists.
 *
 * @throws Error when another process holds it
 */
export async function claimCluster(options: { url: string; dataDir: string; databaseName: string; log: DatabaseLog }): Promise<Guard> {
  const client = new Client({ connectionString: options.url, connectionTimeoutMillis: 10_000, application_name: 'proofpix-owner', keepAlive: true });
  let released = false;
  client.on('error', (error) => {
    if (!released) options.log.error({ err: error }, 'lost the connection that owns the embedded PostgreSQL');
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ owned: boolean }>('select pg_try_advisory_lock($1) as owned', [ownerLock]);
    if (!rows[0]?.owned) throw new Error(`Another ProofPix server is running on the data directory ${options.dataDir}: stop it, or set DATA_DIR to another one`);
    const found = await client.query('select 1 from pg_database where datname = $1', [options.databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(options.databaseName)}`);
  } catch (error) {
    released = true;
    await client.end();
    throw error;
  }
  return {
    async release() {
      released = true;
      await client.end();
    },
  };
}

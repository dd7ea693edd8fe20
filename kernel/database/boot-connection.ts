import { Client } from 'pg';

export type Row = Record<string, unknown>;

/** Runs one statement (or several without parameters) and answers its rows. */
export type Query = (sql: string, params?: unknown[]) => Promise<Row[]>;

/** Key of the advisory lock under which nodes boot, migrate and provision one after another. */
export const bootLock = 7_206_150_002;
const connectTimeoutMs = 15_000;
const lockTimeoutMs = 120_000;

/** Runs `fn` on a fresh connection of the boot role; the connection ends afterwards, whatever happens. */
export async function withBootConnection<T>(url: string, fn: (query: Query) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, application_name: 'proofpix-boot' });
  // a drop is also reported by the statement in flight
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await fn(async (sql, params) => (await client.query(sql, params)).rows as Row[]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** As {@link withBootConnection}, one node at a time. Waits up to 2 minutes for the others. */
export function withBootLock<T>(url: string, fn: (query: Query) => Promise<T>): Promise<T> {
  return withBootConnection(url, async (query) => {
    await query(`set lock_timeout = ${lockTimeoutMs}`);
    await query('select pg_advisory_lock($1)', [bootLock]);
    await query('set lock_timeout = 0');
    return fn(query);
  });
}

import { createHash } from 'node:crypto';
import { Pool, type PoolClient } from 'pg';
import type { Logger } from '../log.ts';

/** Runs one statement with `$1` parameters and answers its rows. */
export type SystemQuery = <R extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<R[]>;

/**
 * Connections that act as the deployment's system role for as long as they live, so that the machinery's own
 * statements need no transaction around each to switch roles. For the kernel only.
 */
export interface SystemPool {
  query: SystemQuery;
  /** One transaction; throwing rolls back. */
  transaction<T>(fn: (query: SystemQuery) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface SystemPoolOptions {
  /** the serving login, which may become the system role */
  servingUrl: string;
  role: string;
  log: Pick<Logger, 'warn'>;
  /** default 8 */
  max?: number;
  applicationName?: string;
}

/**
 * The machinery's tables are queues: their statistics are stale whenever it matters, and a plan made from them may read
 * the whole backlog to find a batch. Every statement here has an index that answers in order, so other plans are ruled
 * out.
 */
const settings = [
  'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off', 'enable_hashjoin=off', 'enable_mergejoin=off',
  'idle_in_transaction_session_timeout=10000', 'statement_timeout=60000',
];

const maxNames = 500;

export function openSystemPool(options: SystemPoolOptions): SystemPool {
  const pool = new Pool({
    connectionString: options.servingUrl,
    max: options.max ?? 8,
    min: 0,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'proofpix-system',
    options: [`role=${options.role}`, ...settings].map((setting) => `-c ${setting}`).join(' '),
  });
  let closing = false;
  // a connection lost while idle is replaced at the next use
  pool.on('error', (error) => closing || options.log.warn({ err: error }, 'a system connection was lost'));

  const names = new Map<string, string>();
  // A plan kept from when a queue was empty stays bad, so only inserts are prepared: they have nothing to choose.
  // Ruling kept plans out by `plan_cache_mode` would also replan the foreign key checks, for each row.
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    // several statements in one text cannot be prepared
    if (known !== undefined || names.size >= maxNames || text.includes(';') || !/^\s*insert\s/i.test(text)) return known;
    const name = `px_${createHash('sha1').update(text).digest('hex').slice(0, 24)}`;
    names.set(text, name);
    return name;
  };
  const queryOn = (client: Pool | PoolClient): SystemQuery => async <R extends object>(text: string, values: readonly unknown[] = []) => {
    const name = nameOf(text);
    const result = await client.query<R>(name === undefined ? { text, values: [...values] } : { name, text, values: [...values] });
    // several statements in one text answer an array of results
    return (Array.isArray(result) ? (result as { rows: R[] }[]).flatMap((part) => part.rows) : result.rows);
  };

  return {
    query: queryOn(pool),
    async transaction(fn) {
      const client = await pool.connect();
      let broken: Error | undefined;
      // without a listener a connection dropped between two statements would end the process
      const onError = (error: Error): void => void (broken = error);
      client.on('error', onError);
      try {
        await client.query('begin');
        const result = await fn(queryOn(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch((failure: Error) => void (broken = failure));
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    },
    close() {
      closing = true;
      return pool.end();
    },
  };
}

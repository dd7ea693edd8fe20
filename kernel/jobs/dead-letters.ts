import type { Json } from '@proofpix/sdk';
import type { PgBoss } from 'pg-boss';
import type { SystemPool } from '../events/system-pool.ts';
import { bossSchema } from './boss.ts';
import { allQueues, deadLetterQueueOf } from './queues.ts';

export interface DeadLetter {
  id: string;
  pluginId: string;
  name: string;
  /** code and message of the last failure */
  error: string;
  /** RFC 3339 */
  failedAt: string;
}

interface DeadRow {
  id: string;
  pluginId: string | null;
  name: string | null;
  error: { code?: unknown; message?: unknown } | null;
  failedAt: Date;
}

const deadQueues = allQueues.map(deadLetterQueueOf);

const listSql = `
  select id, coalesce(data ->> 'pluginId', data -> 'subscriber' ->> 'pluginId', data -> 'event' ->> 'pluginId') as "pluginId",
    coalesce(data ->> 'name', data -> 'subscriber' ->> 'name', data -> 'event' ->> 'name') as name,
    coalesce(source_output, data -> 'error') as error, created_on as "failedAt"
  from ${bossSchema}.job
  where name = any($1::text[]) and state < 'active'
    and ($2::text is null or coalesce(data -> 'provenance', data -> 'event' -> 'provenance') ->> 'tenantId' = $2)
  order by created_on desc limit $3`;

const findSql = `select name from ${bossSchema}.job where name = any($1::text[]) and id = $2::uuid and state < 'active'`;

/** @param tenantId null for all tenants */
export async function listDeadLetters(pool: SystemPool, tenantId: string | null, limit: number): Promise<DeadLetter[]> {
  const rows = await pool.query<DeadRow>(listSql, [deadQueues, tenantId, Math.min(Math.max(limit, 1), 1_000)]);
  return rows.map((row) => ({
    id: row.id,
    pluginId: row.pluginId ?? '',
    name: row.name ?? '',
    error: describe(row.error),
    failedAt: row.failedAt.toISOString(),
  }));
}

function describe(error: DeadRow['error']): string {
  if (error === null) return 'unknown';
  return typeof error.code === 'string' ? `${error.code}: ${String(error.message)}` : JSON.stringify(error);
}

/** Back to the queue it came from, with all its tries again. False when there is no such dead letter. */
export async function redriveDeadLetter(options: { pool: SystemPool; boss: PgBoss }, id: string): Promise<boolean> {
  const [row] = await options.pool.query<{ name: string }>(findSql, [deadQueues, id]);
  const queue = row && allQueues.find((name) => deadLetterQueueOf(name) === row.name);
  if (!row || !queue) return false;
  return (await options.boss.redrive(row.name, { ids: [id], destination: queue, limit: 1 })) > 0;
}

/** A dead letter of what was never run, e.g. beyond the hop limit. */
export const deadLetterError = (code: string, message: string): Json => ({ code, message });

import type { Json, JobStatus } from '@proofpix/sdk';
import type { SystemPool } from '../events/system-pool.ts';
import { bossSchema } from './boss.ts';
import { jobQueues } from './queues.ts';

interface StatusRow {
  queue: string;
  name: string;
  state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  attempt: number;
  output: { code?: unknown; message?: unknown } | null;
  fraction: number | null;
  note: string | null;
  result: Json;
}

const states: Readonly<Record<StatusRow['state'], JobStatus['state']>> = {
  created: 'queued',
  retry: 'retrying',
  active: 'active',
  completed: 'completed',
  cancelled: 'cancelled',
  failed: 'failed',
};

const statusSql = `
  select j.name as queue, j.data ->> 'name' as name, j.state, j.output, p.fraction, p.note, p.result,
    case when j.started_on is null and j.state <> 'failed' then j.retry_count else j.retry_count + 1 end as attempt
  from ${bossSchema}.job j
  left join kernel.job_progress p on p.tenant_id = $1::uuid and p.job_id = j.id
  where j.name = any($4::text[]) and j.id = $3::uuid
    and j.data ->> 'pluginId' = $2 and j.data -> 'provenance' ->> 'tenantId' = $1::text`;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A job of this plugin in this tenant, and the queue it is in; null for any other. */
export async function findJob(pool: SystemPool, tenantId: string, pluginId: string, id: string): Promise<{ queue: string; status: JobStatus } | null> {
  if (!uuid.test(id)) return null;
  const [row] = await pool.query<StatusRow>(statusSql, [tenantId, pluginId, id, jobQueues]);
  if (!row) return null;
  const failed = row.output !== null && row.state !== 'completed' && typeof row.output.code === 'string';
  return {
    queue: row.queue,
    status: {
      id,
      name: row.name,
      state: states[row.state],
      progress: row.state === 'completed' ? 1 : (row.fraction ?? 0),
      note: row.note,
      attempt: row.attempt,
      result: row.state === 'completed' ? row.result : null,
      error: failed ? { code: String(row.output?.code), message: String(row.output?.message) } : null,
    },
  };
}

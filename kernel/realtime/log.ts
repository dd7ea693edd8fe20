import type { OutgoingMessage, RealtimeAddress } from '../events/contract.ts';
import { deploymentTenantId } from '../events/entities.ts';
import type { SystemPool, SystemQuery } from '../events/system-pool.ts';

/** A message as sockets get it. */
export interface LoggedMessage {
  /** rises with the order of delivery, cluster-wide */
  seq: bigint;
  tenantId: string;
  /** see {@link addressOf} */
  address: string;
  event: string;
  data: unknown;
}

/** How long a client may be away and still resume. */
export const defaultRetentionMs = 86_400_000;

export const tenantAddress = 'tenant';
export const deploymentAddress = 'deployment';
export const userAddress = (userId: string): string => `user:${userId}`;
export const roomAddress = (room: string): string => `room:${room}`;

export function addressOf(to: RealtimeAddress): string {
  if ('user' in to) return userAddress(to.user);
  if ('room' in to) return roomAddress(to.room);
  return 'tenant' in to ? tenantAddress : deploymentAddress;
}

/** Key of the advisory lock under which log rows are written and committed. */
export const sequencerLock = 7_206_150_004;

const appendSql = `
  insert into kernel.realtime_log (tenant_id, address, event, data)
  select tenant_id, address, event, data
  from rows from (json_to_recordset($1::text::json) as (tenant_id uuid, address text, event text, data jsonb)) with ordinality as r (tenant_id, address, event, data, position)
  order by position`;

/** Appends in order. The caller holds {@link sequencerLock} until its transaction ends: so a seq that is visible has none below it to come. */
export async function appendMessages(query: SystemQuery, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await query(appendSql, [
    JSON.stringify(messages.map(({ tenantId, to, event, data }) => ({ tenant_id: tenantId ?? deploymentTenantId, address: addressOf(to), event, data }))),
  ]);
}

interface LogRow {
  seq: string;
  tenantId: string;
  address: string;
  event: string;
  data: unknown;
}
const columns = 'seq, tenant_id as "tenantId", address, event, data';
const afterSql = `select ${columns} from kernel.realtime_log where seq > $1 order by seq limit $2`;
const missedSql = `
  select ${columns} from kernel.realtime_log
  where tenant_id = any($1::uuid[]) and address = any($2::text[]) and seq > $3 and seq <= $4 order by seq limit $5`;
const endSql = 'select coalesce((select max(seq) from kernel.realtime_log), (select pruned_through from kernel.realtime_horizon where id = 1), 0) as seq';
const horizonSql = 'select pruned_through as seq from kernel.realtime_horizon where id = 1';
const pruneSql = `
  with old as (
    delete from kernel.realtime_log where seq in (
      select seq from kernel.realtime_log where seq <= (
        select max(seq) from (select seq, sent_at from kernel.realtime_log order by seq limit $2) first where sent_at < now() - $1 * interval '1 millisecond')
      order by seq limit $2)
    returning seq)
  insert into kernel.realtime_horizon as h (id, pruned_through) select 1, max(seq) from old having count(*) > 0
  on conflict (id) do update set pruned_through = greatest(h.pruned_through, excluded.pruned_through)
  returning pruned_through as seq`;

const toMessage = (row: LogRow): LoggedMessage => ({ ...row, seq: BigInt(row.seq) });

export interface RealtimeLog {
  /** The next messages of all tenants, in order. */
  after(seq: bigint, limit: number): Promise<LoggedMessage[]>;
  /** What one socket missed: its tenant's and the deployment's messages to these addresses. */
  missed(range: { tenantId: string | null; addresses: readonly string[]; after: bigint; through: bigint; limit: number }): Promise<LoggedMessage[]>;
  /** The last one written. */
  end(): Promise<bigint>;
  /** Messages up to this one may be gone. */
  prunedThrough(): Promise<bigint>;
  /** Removes what is older than the retention window, a batch at a time. */
  prune(retentionMs: number): Promise<void>;
}

const pruneBatch = 10_000;

export function createRealtimeLog(pool: SystemPool): RealtimeLog {
  return {
    after: async (seq, limit) => (await pool.query<LogRow>(afterSql, [seq, limit])).map(toMessage),
    missed: async ({ tenantId, addresses, after, through, limit }) =>
      (await pool.query<LogRow>(missedSql, [tenantId === null ? [deploymentTenantId] : [tenantId, deploymentTenantId], [...addresses, deploymentAddress], after, through, limit])).map(toMessage),
    end: async () => BigInt((await pool.query<{ seq: string }>(endSql))[0]?.seq ?? 0),
    prunedThrough: async () => BigInt((await pool.query<{ seq: string }>(horizonSql))[0]?.seq ?? 0),
    async prune(retentionMs) {
      for (let more = true; more; ) more = (await pool.query(pruneSql, [retentionMs, pruneBatch])).length > 0;
    },
  };
}

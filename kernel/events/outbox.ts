import { Unavailable } from '@proofpix/sdk';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { OutgoingMessage, StoredEvent } from './contract.ts';
import { deploymentTenantId } from './entities.ts';
import type { SystemPool, SystemQuery } from './system-pool.ts';

export type OutboxEntry = { kind: 'event'; body: StoredEvent } | { kind: 'message'; body: OutgoingMessage };

export interface Outbox {
  /** @throws UNAVAILABLE when the dispatcher is too far behind */
  write(entry: OutboxEntry, em?: EntityManager): Promise<void>;
  /** Removes the next entries in the order they were written. */
  take(query: SystemQuery, limit: number): Promise<OutboxEntry[]>;
  /** Rereads how far the dispatcher is behind; answers whether anything waits. */
  measure(): Promise<boolean>;
}

const insertSql = (p: (position: number) => string): string => `insert into kernel.outbox (tenant_id, kind, body) values (${p(1)}, ${p(2)}, ${p(3)})`;
const insertOnPool = insertSql((position) => `$${position}`);
const insertOnEm = insertSql(() => '?');
const takeSql = `
  with taken as (
    delete from kernel.outbox where (tenant_id, seq) in (
      select tenant_id, seq from kernel.outbox order by seq limit $1 for update skip locked)
    returning seq, kind, body)
  select kind, body from taken order by seq`;
const backlogSql = 'select coalesce((select max(seq) from kernel.outbox) - (select min(seq) from kernel.outbox) + 1, 0) as backlog';

const tenantOf = (entry: OutboxEntry): string => (entry.kind === 'event' ? entry.body.provenance.tenantId : (entry.body.tenantId ?? deploymentTenantId));

/** @param maxBacklog entries that may wait before writing is refused */
export function createOutbox(pool: SystemPool, maxBacklog: number): Outbox {
  let backlog = 0;
  return {
    async write(entry, em) {
      if (backlog >= maxBacklog) throw Unavailable({ message: 'Too many events wait to be dispatched.', retryAfterSeconds: 5 });
      const values = [tenantOf(entry), entry.kind, JSON.stringify(entry.body)];
      if (em) await em.execute(insertOnEm, values, 'run');
      else await pool.query(insertOnPool, values);
    },
    take: (query, limit) => query<OutboxEntry>(takeSql, [limit]),
    async measure() {
      backlog = Number((await pool.query<{ backlog: string }>(backlogSql))[0]?.backlog ?? 0);
      return backlog > 0;
    },
  };
}

import type { Database } from '../../database/index.ts';

export type Claim = { state: 'claimed' } | { state: 'running' } | { state: 'kept'; bodyHash: string; reply: Uint8Array } | { state: 'not-kept'; bodyHash: string };

/** Records by the hash of their scope. */
export interface IdempotencyStore {
  /** Takes the lease when nobody has a live one and nothing is recorded. */
  claim(id: string, owner: string): Promise<Claim>;
  /** Resolves false when the lease was lost. */
  renew(id: string, owner: string): Promise<boolean>;
  /** `reply` null: too large to keep. */
  finish(id: string, owner: string, bodyHash: string, reply: Uint8Array | null): Promise<void>;
  /** Forgets an attempt that changed nothing. */
  release(id: string, owner: string): Promise<void>;
  /** Deletes what has expired, a bounded batch; returns how many. */
  sweep(): Promise<number>;
}

interface Row {
  state: 'running' | 'kept' | 'not-kept';
  body_hash: string | null;
  reply: Uint8Array | null;
}

const sweepBatch = 1_000;

export function createIdempotencyStore(database: Pick<Database, 'system'>, options: { leaseMs: number; keepMs: number }): IdempotencyStore {
  const lease = `${options.leaseMs} milliseconds`;
  const keep = `${options.keepMs} milliseconds`;
  return {
    claim: (id, owner) =>
      database.system(async (em) => {
        const taken = await em.execute<unknown[]>(
          `insert into kernel.idempotency as r (id, state, lease_owner, lease_until, expires_at)
           values (?, 'running', ?, now() + ?::interval, now() + ?::interval)
           on conflict (id) do update set state = 'running', lease_owner = excluded.lease_owner, lease_until = excluded.lease_until, expires_at = excluded.expires_at, body_hash = null, reply = null
           where r.expires_at < now() or (r.state = 'running' and r.lease_until < now())
           returning r.id`,
          [id, owner, lease, keep],
        );
        if (taken.length > 0) return { state: 'claimed' };
        const [row] = await em.execute<Row[]>('select state, body_hash, reply from kernel.idempotency where id = ?', [id]);
        if (row?.state === 'kept' && row.reply !== null) return { state: 'kept', bodyHash: row.body_hash ?? '', reply: row.reply };
        return row?.state === 'not-kept' ? { state: 'not-kept', bodyHash: row.body_hash ?? '' } : { state: 'running' };
      }),
    renew: (id, owner) =>
      database.system(async (em) => {
        const renewed = await em.execute<unknown[]>(`update kernel.idempotency set lease_until = now() + ?::interval where id = ? and lease_owner = ? and state = 'running' returning id`, [lease, id, owner]);
        return renewed.length > 0;
      }),
    finish: (id, owner, bodyHash, reply) =>
      database.system(async (em) => {
        await em.execute(`update kernel.idempotency set state = ?, body_hash = ?, reply = ?, expires_at = now() + ?::interval where id = ? and lease_owner = ? and state = 'running'`, [reply === null ? 'not-kept' : 'kept', bodyHash, reply, keep, id, owner]);
      }),
    release: (id, owner) =>
      database.system(async (em) => {
        await em.execute(`delete from kernel.idempotency where id = ? and lease_owner = ? and state = 'running'`, [id, owner]);
      }),
    sweep: () =>
      database.system(async (em) => {
        const gone = await em.execute<unknown[]>('delete from kernel.idempotency where id in (select id from kernel.idempotency where expires_at < now() limit ?) returning id', [sweepBatch]);
        return gone.length;
      }),
  };
}

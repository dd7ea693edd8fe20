import type { PgBoss } from 'pg-boss';
import type { SystemPool } from '../events/system-pool.ts';
import type { Attempt } from './envelope.ts';
import { bossSchema } from './boss.ts';
import { allQueues } from './queues.ts';

/** A claim that was not renewed for so long is void: its node died or hangs. */
export const claimMs = 15_000;
/** Claims on jobs, beyond what pg-boss offers: it looks for lost ones once a minute at the soonest and has no way to give one back. */
export interface Claims {
  /** How often each node renews the claims of what it runs, and looks for those of lost nodes. */
  readonly renewMs: number;
  /** Back to the queue, to be fetched at once, without using up a try. */
  handBack(queue: string, attempts: readonly Attempt[]): Promise<void>;
  /** Fails the try of jobs whose node is gone, so that retry or dead letter follow. Any number of nodes may call it. */
  reclaim(): Promise<number>;
}

// fenced by attempt as pg-boss's own statements; in `retry` a started_on of null keeps the next fetch from counting up
const handBackSql = `
  update ${bossSchema}.job set state = 'retry', started_on = null, heartbeat_on = null, start_after = now()
  where name = $1 and state = 'active' and id = any($2::uuid[]) and (id::text || ':' || retry_count::text) = any($3::text[])`;

// every job has its tenant as group, so this reads pg-boss's index of active groups: what runs, never what waits
const lostSql = `
  select name, id, retry_count as "retryCount" from ${bossSchema}.job
  where name = any($1::text[]) and state = 'active' and group_id is not null
    and heartbeat_on < now() - $2 * interval '1 millisecond' limit 1000`;

export function createClaims(options: { boss: PgBoss; pool: SystemPool; claimMs?: number }): Claims {
  const validMs = options.claimMs ?? claimMs;
  return {
    renewMs: validMs / 5,
    async handBack(queue, attempts) {
      if (attempts.length === 0) return;
      await options.pool.query(handBackSql, [queue, attempts.map(({ id }) => id), attempts.map(({ id, retryCount }) => `${id}:${retryCount}`)]);
    },
    async reclaim() {
      const lost = await options.pool.query<Attempt & { name: string }>(lostSql, [allQueues, validMs]);
      for (const [name, attempts] of Map.groupBy(lost, (job) => job.name)) {
        await options.boss.fail(name, attempts.map(({ id, retryCount }) => ({ id, retryCount })), { code: 'NODE_LOST', message: 'The node that ran it is gone.' });
      }
      return lost.length;
    },
  };
}

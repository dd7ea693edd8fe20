import type { SystemPool } from '../events/system-pool.ts';
import { bossSchema } from './boss.ts';

const dueSql = `
  select q.name from unnest($1::text[]) as q (name)
  where exists (select from ${bossSchema}.job j where j.name = q.name and j.state < 'active' and not j.blocked and j.start_after <= now())`;

/** Which of these queues have a job that may start now: one statement, where a fetch from each would be as many. */
export async function dueQueues(pool: SystemPool, queues: readonly string[]): Promise<string[]> {
  return (await pool.query<{ name: string }>(dueSql, [queues])).map(({ name }) => name);
}

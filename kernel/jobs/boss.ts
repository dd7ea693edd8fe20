import type { EntityManager } from '@mikro-orm/postgresql';
import { type ConnectionOptions, fromKysely, PgBoss } from 'pg-boss';
import type { Database } from '../database/index.ts';
import { quoteIdentifier, roleNames } from '../database/role-names.ts';
import type { SystemPool, SystemQuery } from '../events/system-pool.ts';
import type { Logger } from '../log.ts';
import { allQueues, deadLetterQueueOf, deadLetterRetentionSeconds, queueSettings } from './queues.ts';

export const bossSchema = 'pgboss';

/** Where pg-boss runs its statements. */
export type BossConnection = NonNullable<ConnectionOptions['db']>;

/** pg-boss's statements in the transaction of `em`; its role must be the serving or the system role. */
export const bossOnEm = (em: EntityManager): BossConnection => fromKysely(em.getKysely());

/** pg-boss's statements through a system connection. */
export const bossOnQuery = (query: SystemQuery): BossConnection => ({ executeSql: async (text, values) => ({ rows: await query(text, values) }) });

/**
 * Installs or upgrades pg-boss's tables and makes the queues, with the rights of the boot role; serving gets rows, never DDL.
 * Several nodes may do this at once: pg-boss takes an advisory lock.
 */
async function install(database: Database, log: Pick<Logger, 'error'>): Promise<void> {
  const boss = new PgBoss({ connectionString: database.bootUrl, schema: bossSchema, max: 1, supervise: false, schedule: false, application_name: 'proofpix-boot' });
  boss.on('error', (error) => log.error({ err: error }, 'pg-boss'));
  await boss.start();
  try {
    const known = new Set((await boss.getQueues()).map((queue) => queue.name));
    const ensure = async (name: string, { policy, ...options }: { policy?: string; deleteAfterSeconds: number; retentionSeconds: number; deadLetter?: string }): Promise<void> => {
      if (!known.has(name)) await boss.createQueue(name, { policy: policy ?? 'standard', ...options });
    };
    for (const name of allQueues) {
      await ensure(deadLetterQueueOf(name), { deleteAfterSeconds: deadLetterRetentionSeconds, retentionSeconds: deadLetterRetentionSeconds });
      await ensure(name, { ...queueSettings[name], deadLetter: deadLetterQueueOf(name) });
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  const names = roleNames(database.prefix);
  const both = `${quoteIdentifier(names.app)}, ${quoteIdentifier(names.system)}`;
  await database.boot(async (query) => {
    await query(`grant usage on schema ${bossSchema} to ${both}`);
    await query(`grant select, insert, update, delete on all tables in schema ${bossSchema} to ${both}`);
  });
}

/**
 * pg-boss for serving. It fetches, settles and cleans up; when to fetch, and cron, are ours, so its workers, listener
 * and scheduler stay off. Its maintenance needs no more than rows: what would need the tables' owner (rebuilding
 * indexes) is off, and `reindex` is for the operator.
 */
export async function openBoss(options: { database: Database; pool: SystemPool; log: Pick<Logger, 'warn' | 'error'> }): Promise<PgBoss> {
  await install(options.database, options.log);
  const boss = new PgBoss({
    db: bossOnQuery(options.pool.query),
    schema: bossSchema,
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: 60,
    monitorIntervalSeconds: 600,
    maintenanceIntervalSeconds: 300,
    queueCacheIntervalSeconds: 3_600,
    flowIntervalSeconds: 3_600,
    reindex: false,
    monitorVacuum: false,
  });
  boss.on('error', (error) => options.log.error({ err: error }, 'pg-boss'));
  boss.on('warning', (warning) => options.log.warn({ warning }, 'pg-boss'));
  await boss.start();
  return boss;
}

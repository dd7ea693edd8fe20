import type { PgBoss } from 'pg-boss';
import type { Database } from '../database/index.ts';
import { roleNames } from '../database/role-names.ts';
import { openBoss } from '../jobs/boss.ts';
import { createClaims } from '../jobs/claims.ts';
import type { Jobs } from '../jobs/contract.ts';
import { createFairness } from '../jobs/fairness.ts';
import { openJobs } from '../jobs/open-jobs.ts';
import type { QueueName } from '../jobs/queues.ts';
import type { Logger } from '../log.ts';
import { type FanOut, openFanOut } from '../realtime/fan-out.ts';
import { watchCommits } from './after-commit.ts';
import type { Events } from './contract.ts';
import { openEvents, realtimeTopic } from './open-events.ts';
import { type OpenSignals, openSignals } from './signals.ts';
import { openSystemPool, type SystemPool } from './system-pool.ts';

/** Events, jobs and realtime of one node, on one small pool and one LISTEN connection. */
export interface Messaging {
  events: Events;
  jobs: Jobs;
  signals: OpenSignals;
  fanOut: FanOut;
  boss: PgBoss;
  pool: SystemPool;
  /** Stops dispatching, deliveries and jobs; waits for what runs, `timeoutMs` at the most, then closes its connections. */
  stop(timeoutMs: number): Promise<void>;
}

export interface MessagingOptions {
  database: Database;
  log: Logger;
  /** jobs and deliveries at once on this node, per queue */
  concurrency?: Partial<Record<QueueName, number>>;
  /** default 1,000 */
  pollMs?: number;
  /** how long a socket's client may be away and still resume, default 24 hours */
  retentionMs?: number;
  /** entries that may wait in the outbox, default 200,000 */
  maxBacklog?: number;
  /** a claim on a job is void when it was not renewed for so long, default 15,000 */
  claimMs?: number;
}

export async function openMessaging(options: MessagingOptions): Promise<Messaging> {
  const { database, log } = options;
  const pool = openSystemPool({ servingUrl: database.servingUrl, role: roleNames(database.prefix).system, log });
  const undo: (() => Promise<unknown>)[] = [() => pool.close()];
  try {
    const boss = await openBoss({ database, pool, log });
    undo.unshift(() => boss.stop({ close: false, graceful: false }));
    const signals = await openSignals({ servingUrl: database.servingUrl, pool, log });
    undo.unshift(() => signals.close());
    const fanOut = await openFanOut({ pool, signals, topic: realtimeTopic, log, ...(options.retentionMs === undefined ? {} : { retentionMs: options.retentionMs }) });
    undo.unshift(() => fanOut.close());
    const shared = {
      boss, pool, signals, log,
      afterCommit: watchCommits(database.orm),
      fairness: createFairness(),
      claims: createClaims({ boss, pool, ...(options.claimMs === undefined ? {} : { claimMs: options.claimMs }) }),
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    };
    const jobs = openJobs({ ...shared, ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }) });
    const events = openEvents({
      ...shared,
      onMessages: () => fanOut.wake(),
      ...(options.concurrency?.events === undefined ? {} : { concurrency: options.concurrency.events }),
      ...(options.maxBacklog === undefined ? {} : { maxBacklog: options.maxBacklog }),
    });
    return {
      events, jobs, signals, fanOut, boss, pool,
      async stop(timeoutMs) {
        await Promise.allSettled([events.stop(timeoutMs), jobs.stop(timeoutMs)]);
        for (const step of undo) await step().catch((error: unknown) => log.warn({ err: error }, 'messaging did not stop cleanly'));
      },
    };
  } catch (error) {
    for (const step of undo) await step().catch(() => undefined);
    throw error;
  }
}

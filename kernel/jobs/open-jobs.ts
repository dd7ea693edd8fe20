import type { PgBoss } from 'pg-boss';
import type { AfterCommit } from '../events/after-commit.ts';
import { coalesce } from '../events/coalesce.ts';
import type { OpenSignals } from '../events/signals.ts';
import type { SystemPool } from '../events/system-pool.ts';
import type { Logger } from '../log.ts';
import { bossOnEm, bossOnQuery } from './boss.ts';
import type { Claims } from './claims.ts';
import type { Jobs } from './contract.ts';
import { type CronTable, startCron } from './cron.ts';
import { listDeadLetters, redriveDeadLetter } from './dead-letters.ts';
import { dueQueues } from './due-queues.ts';
import type { JobEnvelope } from './envelope.ts';
import type { Fairness } from './fairness.ts';
import { jobPosting } from './outgoing.ts';
import { post } from './post.ts';
import { createProgressLog } from './progress.ts';
import { jobQueues, type QueueName } from './queues.ts';
import { type Runner, startRunner } from './runner.ts';
import { createSettler } from './settler.ts';
import { findJob } from './status.ts';

/** Topics of the signals between nodes. */
const queueTopic = (queue: QueueName): string => `jobs.queue.${queue}`;
export const cancelTopic = 'jobs.cancel';
const pluginsTopic = 'plugins';

export interface JobsOptions {
  boss: PgBoss;
  pool: SystemPool;
  signals: OpenSignals;
  afterCommit: AfterCommit;
  fairness: Fairness;
  claims: Claims;
  log: Logger;
  /** jobs at once on this node, per queue */
  concurrency?: Partial<Record<QueueName, number>>;
  /** how often queues are looked at without being told, default 1,000: finds what is due by time */
  pollMs?: number;
}

/** A quarter is kept for tenants that hold few slots, so the batches of the first are 100. */
const defaultConcurrency = { interactive: 136, bulk: 16, keyed: 16 } as const;
const pruneMs = 600_000;

/** The jobs of plugins. `start` it once the plugins can run them; sending works before. */
export function openJobs(options: JobsOptions): Jobs {
  const { boss, pool, signals, claims, fairness, log } = options;
  const { renewMs } = claims;
  const progress = createProgressLog({ pool, log });
  const runners = new Map<string, Runner>();
  const timers: NodeJS.Timeout[] = [];
  const stops: (() => void)[] = [];
  let cron: CronTable | undefined;

  /** For each queue, what tells all nodes that a job was sent. */
  const wakes = new Map<string, () => void>(
    jobQueues.map((queue) => [
      queue,
      () => {
        runners.get(queue)?.wake();
        signals.poke(queueTopic(queue));
      },
    ]),
  );
  const wake = (): void => wakes.forEach((wakeQueue) => wakeQueue());
  const renew = async (olderThanMs: number): Promise<void> => {
    for (const runner of runners.values()) await runner.renewClaims(olderThanMs);
  };
  const failed = (what: string) => (error: unknown): void => log.error({ err: error }, what);
  const beat = coalesce(() => renew(renewMs).then(() => claims.reclaim()).then((lost) => void (lost > 0 && wake())), failed('claims were not renewed'));
  const cancelled = coalesce(() => renew(0), failed('cancelled jobs were not looked up'));
  const poll = coalesce(async () => {
    for (const queue of await dueQueues(pool, [...runners.keys()])) runners.get(queue)?.wake();
  }, failed('the queues were not looked at'));
  const prune = coalesce(() => progress.prune(), failed('progress was not pruned'));

  const sendMany: Jobs['sendMany'] = async (jobs, em) => {
    if (jobs.length === 0) return [];
    const postings = jobs.map((job) => jobPosting(job, fairness));
    const ids = await post(boss, postings, em ? bossOnEm(em) : bossOnQuery(pool.query));
    for (const queue of new Set(postings.map((posting) => posting.queue))) {
      const wakeQueue = wakes.get(queue);
      if (wakeQueue && em) options.afterCommit(em, wakeQueue);
      else wakeQueue?.();
    }
    return ids;
  };

  return {
    sendMany,
    send: async (job, em) => (await sendMany([job], em))[0] ?? '',
    async status(tenantId, pluginId, id) {
      return (await findJob(pool, tenantId, pluginId, id))?.status ?? null;
    },
    async cancel(tenantId, pluginId, id) {
      const found = await findJob(pool, tenantId, pluginId, id);
      if (!found || !['queued', 'retrying', 'active'].includes(found.status.state)) return false;
      const answer = (await boss.cancel(found.queue, id)) as { affected?: number };
      if (found.status.state === 'active') {
        cancelled.ask();
        signals.poke(cancelTopic);
      }
      return (answer.affected ?? 0) > 0;
    },
    async progress(tenantId, _pluginId, id, fraction, note) {
      progress.report(id, { tenantId, fraction: Math.min(Math.max(fraction, 0), 1), note });
    },
    deadLetters: (tenantId, limit) => listDeadLetters(pool, tenantId, limit),
    async redrive(id) {
      const moved = await redriveDeadLetter({ pool, boss }, id);
      if (moved) wake();
      return moved;
    },
    async start(directory) {
      for (const queue of jobQueues) {
        const concurrency = options.concurrency?.[queue] ?? defaultConcurrency[queue as keyof typeof defaultConcurrency];
        const settler = createSettler({ boss, queue, log, whenDone: 'keep', keepResults: (rows) => progress.finish(rows) });
        runners.set(
          queue,
          startRunner<JobEnvelope>({
            boss, queue, concurrency, fairness, settler, log,
            tenantOf: (envelope) => envelope.provenance.tenantId,
            run: ({ pluginId, name, data, provenance }, { id, retryCount }, signal) => directory.run({ id, pluginId, name, data, provenance, attempt: retryCount + 1, signal }),
            handBack: claims.handBack,
          }),
        );
      }
      cron = startCron({
        pool, directory, log,
        send: async (jobs, query) => void (await post(boss, jobs.map((job) => jobPosting(job, fairness)), bossOnQuery(query))),
        sent: wake,
      });
      for (const queue of jobQueues) stops.push(signals.on(queueTopic(queue), () => runners.get(queue)?.wake()));
      stops.push(signals.on(cancelTopic, () => cancelled.ask()), signals.on(pluginsTopic, () => cron?.sync()));
      timers.push(setInterval(() => poll.ask(), options.pollMs ?? 1_000), setInterval(() => beat.ask(), renewMs), setInterval(() => prune.ask(), pruneMs));
      for (const runner of runners.values()) runner.wake();
    },
    async stop(timeoutMs) {
      for (const timer of timers) clearInterval(timer);
      for (const stop of stops) stop();
      const beats = setInterval(() => beat.ask(), renewMs);
      try {
        await cron?.stop();
        await Promise.all([...runners.values()].map((runner) => runner.stop(timeoutMs)));
      } finally {
        clearInterval(beats);
      }
      await Promise.all([beat.idle(), cancelled.idle(), poll.idle(), prune.idle()]);
      await progress.flush();
      runners.clear();
      // what was handed back is for the others
      for (const queue of jobQueues) signals.poke(queueTopic(queue));
    },
  };
}

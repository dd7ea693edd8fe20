import type { Json } from '@proofpix/sdk';
import { setTimeout as delay } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import { coalesce } from '../events/coalesce.ts';
import type { Logger } from '../log.ts';
import type { Attempt } from './envelope.ts';

/** Why a try failed, as it is stored. */
export interface JobFailure {
  code: string;
  message: string;
}

export type Outcome = { attempt: Attempt; tenantId: string } & ({ result: Json } | { failure: JobFailure });

/** Writes outcomes in batches: what ends while one batch is written goes into the next. */
export interface Settler {
  /** Resolves when it is written, or given up after some tries: then the job's claim runs out and it is tried again. Never rejects. */
  settle(outcome: Outcome): Promise<void>;
}

export interface SettlerOptions {
  boss: PgBoss;
  queue: string;
  log: Pick<Logger, 'error'>;
  /** `delete` for queues whose finished jobs nobody looks up */
  whenDone: 'keep' | 'delete';
  /** Stores results and last progress before the jobs count as completed. */
  keepResults(rows: readonly { jobId: string; tenantId: string; result: Json }[]): Promise<void>;
}

const tries = 6;
const firstBackoffMs = 100;

export function createSettler(options: SettlerOptions): Settler {
  const { boss, queue } = options;
  let waiting: { outcome: Outcome; done: () => void }[] = [];

  const write = async (outcomes: readonly Outcome[]): Promise<void> => {
    const completed: Attempt[] = [];
    const results: { jobId: string; tenantId: string; result: Json }[] = [];
    const failed = new Map<string, { failure: JobFailure; attempts: Attempt[] }>();
    for (const outcome of outcomes) {
      if ('failure' in outcome) {
        const key = JSON.stringify(outcome.failure);
        const group = failed.get(key) ?? { failure: outcome.failure, attempts: [] };
        group.attempts.push(outcome.attempt);
        failed.set(key, group);
      } else {
        completed.push(outcome.attempt);
        results.push({ jobId: outcome.attempt.id, tenantId: outcome.tenantId, result: outcome.result });
      }
    }
    if (completed.length > 0) {
      await options.keepResults(results);
      if (options.whenDone === 'delete') await boss.deleteJob(queue, completed);
      else await boss.complete(queue, completed, null);
    }
    for (const { failure, attempts } of failed.values()) await boss.fail(queue, attempts, failure);
  };

  const flush = coalesce(
    async () => {
      const batch = waiting;
      waiting = [];
      for (let attempt = 1; attempt <= tries; attempt += 1) {
        try {
          // settling is fenced by attempt, so writing a part twice changes nothing
          await write(batch.map(({ outcome }) => outcome));
          break;
        } catch (error) {
          options.log.error({ err: error, queue, jobs: batch.length, attempt }, 'outcomes of jobs were not written');
          if (attempt < tries) await delay(firstBackoffMs * 2 ** attempt);
        }
      }
      for (const { done } of batch) done();
    },
    () => undefined,
  );

  return {
    settle(outcome) {
      return new Promise((resolve) => {
        waiting.push({ outcome, done: resolve });
        flush.ask();
      });
    },
  };
}

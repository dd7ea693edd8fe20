import { type Json, toWireError } from '@proofpix/sdk';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job, PgBoss } from 'pg-boss';
import { coalesce } from '../events/coalesce.ts';
import type { Logger } from '../log.ts';
import type { Attempt, Envelope } from './envelope.ts';
import type { Fairness } from './fairness.ts';
import type { Outcome, Settler } from './settler.ts';

/** Fetches from one queue and runs what it gets, on this node. */
export interface Runner {
  /** Looks for work now; never throws. */
  wake(): void;
  /** Renews the claims of what runs; whose claim is gone (cancelled, or taken over) has its signal aborted. */
  renewClaims(olderThanMs: number): Promise<void>;
  running(): number;
  /** Takes no new work, waits, then aborts what is left and hands it back to the queue. */
  stop(timeoutMs: number): Promise<void>;
}

export interface RunnerOptions<T extends Envelope> {
  boss: PgBoss;
  queue: string;
  /** jobs at once on this node */
  concurrency: number;
  fairness: Fairness;
  settler: Settler;
  log: Pick<Logger, 'warn' | 'error'>;
  tenantOf(envelope: T): string;
  run(envelope: T, attempt: Attempt, signal: AbortSignal): Promise<Json>;
  /** Gives back claims that were never settled, without using up a try. */
  handBack(queue: string, attempts: readonly Attempt[]): Promise<void>;
}

interface Running {
  attempt: Attempt;
  tenantId: string;
  startedAt: number;
  controller: AbortController;
  /** it no longer runs; its outcome is being written */
  ended: boolean;
  /** its claim is gone: the outcome must not be written */
  lost: boolean;
}

/** Few sizes, so that few statements are prepared. */
const batchSizes = [200, 100, 50, 25, 10, 5, 2, 1];
const refillDelayMs = 5;
/** What ignores its signal is given up after this. */
const abortGraceMs = 1_000;
const stopGraceMs = 250;
/** Part of the slots that jobs of tenants which hold many already do not get, so that long jobs of one leave room. */
const reservedShare = 0.25;
/** A tenant with this part of the slots holds many. */
const largeShare = 0.25;
/** Looking past the backlog of a large tenant reads all of it. */
const reservedGapMs = 250;
const stopPollMs = 10;

const nodeStopping = { code: 'UNAVAILABLE', message: 'The node is stopping.' };
const timedOut = { code: 'DEADLINE_EXCEEDED', message: 'The job took longer than it may.' };

export function startRunner<T extends Envelope>(options: RunnerOptions<T>): Runner {
  const { boss, queue, fairness, settler } = options;
  const running = new Map<string, Running>();
  const stopping = new AbortController();
  /** Of {@link running}, those that have ended and whose outcome is being written; with more than there are slots nothing is fetched. */
  let settling = 0;
  let moreWaiting = false;
  let reservedAt = 0;
  let look: NodeJS.Immediate | undefined;
  let refill: NodeJS.Timeout | undefined;
  let refillDue = false;

  const attend = async (entry: Running, envelope: T): Promise<Json> => {
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        entry.controller.abort(timedOut);
        timer = setTimeout(() => reject(timedOut), abortGraceMs);
      }, envelope.timeoutMs);
    });
    try {
      return await Promise.race([options.run(envelope, entry.attempt, entry.controller.signal), givenUp]);
    } finally {
      clearTimeout(timer);
    }
  };

  /** Nothing when there is nothing to write. */
  const outcomeOf = async (entry: Running, envelope: T): Promise<Outcome | undefined> => {
    const { attempt, tenantId, controller } = entry;
    try {
      const result = await attend(entry, envelope);
      return entry.lost ? undefined : { attempt, tenantId, result: result ?? null };
    } catch (error) {
      if (entry.lost) return undefined;
      if (controller.signal.reason === nodeStopping) {
        await options.handBack(queue, [attempt]).catch((failure: unknown) => options.log.error({ err: failure, queue }, 'a job was not handed back'));
        return undefined;
      }
      // what was aborted failed because of that, whatever it threw
      const late = controller.signal.reason === timedOut;
      if (!late) options.log.warn({ err: error, queue, jobId: attempt.id }, 'a job failed');
      const { code, message } = late ? timedOut : toWireError(error);
      return { attempt, tenantId, failure: { code, message } };
    }
  };

  const start = async (attempt: Attempt, envelope: T): Promise<void> => {
    const entry: Running = { attempt, tenantId: options.tenantOf(envelope), startedAt: Date.now(), controller: new AbortController(), ended: false, lost: false };
    running.set(attempt.id, entry);
    const outcome = await outcomeOf(entry, envelope);
    // its slot is free, so the next batch is fetched while this one is written; its claim is still renewed
    settling += 1;
    entry.ended = true;
    refillSoon();
    if (outcome) await settler.settle(outcome);
    settling -= 1;
    if (running.get(attempt.id) === entry) running.delete(attempt.id);
    refillSoon();
  };

  const startAll = async (jobs: readonly Job<T>[]): Promise<void> => {
    if (stopping.signal.aborted) await options.handBack(queue, jobs);
    else for (const { id, retryCount, data } of jobs) void start({ id, retryCount }, data);
  };
  /** Slots for whoever comes first; the rest are for tenants that hold few. */
  const general = Math.max(1, Math.floor(options.concurrency * (1 - reservedShare)));
  const freeOf = (slots: number): number => (settling > options.concurrency ? 0 : slots - running.size + settling);
  const fillReserved = async (): Promise<void> => {
    const free = freeOf(options.concurrency);
    if (free < 1 || Date.now() - reservedAt < reservedGapMs) return;
    reservedAt = Date.now();
    const held = Map.groupBy([...running.values()].filter((entry) => !entry.ended), (entry) => entry.tenantId);
    const large = [...held].filter(([, entries]) => entries.length >= options.concurrency * largeShare).map(([tenantId]) => tenantId);
    const batchSize = batchSizes.find((size) => size <= free) ?? 1;
    await startAll(await boss.fetch<T>(queue, { batchSize, ignoreGroups: large }));
  };

  const pump = coalesce(
    async () => {
      while (!stopping.signal.aborted) {
        const free = freeOf(general);
        if (free < 1) {
          moreWaiting = true;
          await fillReserved();
          return;
        }
        if (moreWaiting && !manyFree() && !refillDue) return;
        refillDue = false;
        clearTimeout(refill);
        refill = undefined;
        const batchSize = batchSizes.find((size) => size <= free) ?? 1;
        const jobs = await boss.fetch<T>(queue, { batchSize });
        fairness.served(queue, jobs.map((job) => job.data.tag), jobs.length < batchSize);
        await startAll(jobs);
        moreWaiting = jobs.length === batchSize;
        if (!moreWaiting) return;
      }
    },
    (error) => options.log.error({ err: error, queue }, 'jobs were not fetched'),
  );

  /** Many at once are cheap to fetch, a few are not. */
  const manyFree = (): boolean => freeOf(general) >= general / 2;
  function refillSoon(): void {
    if (!moreWaiting || stopping.signal.aborted) return;
    // after all that ends in this turn has ended
    look ??= setImmediate(() => {
      look = undefined;
      if (manyFree()) pump.ask();
      else
        refill ??= setTimeout(() => {
          refill = undefined;
          refillDue = true;
          pump.ask();
        }, refillDelayMs);
    });
  }

  return {
    wake: () => (moreWaiting && running.size > 0 ? refillSoon() : pump.ask()),
    running: () => running.size,
    async renewClaims(olderThanMs) {
      const since = Date.now() - olderThanMs;
      const entries = [...running.values()].filter((entry) => entry.startedAt <= since && !entry.lost);
      if (entries.length === 0) return;
      const answer = (await boss.touch(queue, entries.map((entry) => entry.attempt))) as { settled?: readonly string[] };
      const held = new Set(answer.settled);
      for (const entry of entries) {
        if (held.has(entry.attempt.id) || running.get(entry.attempt.id) !== entry) continue;
        entry.lost = true;
        entry.controller.abort({ code: 'CANCELLED', message: 'The job was cancelled or taken over.' });
      }
    },
    async stop(timeoutMs) {
      stopping.abort();
      clearImmediate(look);
      clearTimeout(refill);
      await pump.idle();
      const settled = async (waitMs: number): Promise<void> => {
        for (const deadline = Date.now() + waitMs; running.size > 0 && Date.now() < deadline; ) await delay(stopPollMs);
      };
      await settled(timeoutMs);
      for (const entry of running.values()) entry.controller.abort(nodeStopping);
      await settled(stopGraceMs);
      const left = [...running.values()].filter((entry) => !entry.lost);
      for (const entry of left) entry.lost = true;
      running.clear();
      if (left.length > 0) await options.handBack(queue, left.map((entry) => entry.attempt));
    },
  };
}

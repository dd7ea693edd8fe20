import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PgBoss } from 'pg-boss';
import { bossOnQuery } from '../jobs/boss.ts';
import type { Claims } from '../jobs/claims.ts';
import type { DeliveryEnvelope } from '../jobs/envelope.ts';
import type { Fairness } from '../jobs/fairness.ts';
import { post } from '../jobs/post.ts';
import { queueNames } from '../jobs/queues.ts';
import { type Runner, startRunner } from '../jobs/runner.ts';
import { createSettler } from '../jobs/settler.ts';
import type { Logger } from '../log.ts';
import type { AfterCommit } from './after-commit.ts';
import { type Coalesced, coalesce } from './coalesce.ts';
import type { Events, StoredEvent } from './contract.ts';
import { deliveriesOf, dispatchBatchOnce } from './dispatcher.ts';
import { createOutbox } from './outbox.ts';
import type { OpenSignals } from './signals.ts';
import type { SystemPool } from './system-pool.ts';

/** Topics of the signals between nodes. */
export const outboxTopic = 'outbox';
export const deliveriesTopic = 'events';
export const realtimeTopic = 'realtime';

export interface EventsOptions {
  boss: PgBoss;
  pool: SystemPool;
  signals: OpenSignals;
  afterCommit: AfterCommit;
  fairness: Fairness;
  claims: Claims;
  log: Logger;
  /** Called when messages were logged, for this node's sockets. */
  onMessages(): void;
  /** deliveries at once on this node, default 136 */
  concurrency?: number;
  /** how often the outbox is looked at without being told, default 1,000 */
  pollMs?: number;
  /** entries that may wait in the outbox before emitting is refused, default 200,000 */
  maxBacklog?: number;
}

/** The outbox and its dispatcher. Emitting works at once; dispatching begins with `start`. */
export function openEvents(options: EventsOptions): Events {
  const { pool, boss, signals, fairness, log, claims } = options;
  const { renewMs } = claims;
  const outbox = createOutbox(pool, options.maxBacklog ?? 200_000);
  const timers: NodeJS.Timeout[] = [];
  const stops: (() => void)[] = [];
  let dispatcher: Coalesced | undefined;
  let runner: Runner | undefined;

  const wake = (): void => {
    dispatcher?.ask();
    // a node that does not dispatch needs one that does
    if (!runner) signals.poke(outboxTopic);
  };
  const written = (em: EntityManager | undefined): void => {
    if (em) options.afterCommit(em, wake);
    else wake();
  };

  return {
    wake,
    async emit(event, em) {
      const stored: StoredEvent = { ...event, id: randomUUIDv7(), emittedAt: new Date().toISOString() };
      await outbox.write({ kind: 'event', body: stored }, em);
      written(em);
      return { id: stored.id };
    },
    async publish(message, em) {
      await outbox.write({ kind: 'message', body: message }, em);
      written(em);
    },
    async start(directory) {
      const queue = queueNames.events;
      const deliveries = startRunner<DeliveryEnvelope>({
        boss, queue, fairness, log,
        concurrency: options.concurrency ?? 136,
        settler: createSettler({ boss, queue, log, whenDone: 'delete', keepResults: async () => undefined }),
        tenantOf: (envelope) => envelope.event.provenance.tenantId,
        async run({ subscriber, event }, { retryCount }, signal) {
          if (subscriber) await directory.deliver(subscriber, event, retryCount + 1, signal);
          // a redriven dead letter of an event that reached nobody
          else await post(boss, deliveriesOf({ ...event, provenance: { ...event.provenance, hop: 0 } }, directory, fairness), bossOnQuery(pool.query));
          return null;
        },
        handBack: claims.handBack,
      });
      runner = deliveries;
      const dispatching = coalesce(
        async () => {
          for (let more = true; more; ) {
            const done = await dispatchBatchOnce({ pool, boss, outbox, directory, fairness, log });
            more = done.more;
            if (done.deliveries > 0) {
              deliveries.wake();
              signals.poke(deliveriesTopic);
            }
            if (done.messages > 0) {
              options.onMessages();
              signals.poke(realtimeTopic);
            }
          }
        },
        (error) => log.error({ err: error }, 'the outbox was not dispatched'),
      );
      dispatcher = dispatching;
      const poll = coalesce(
        async () => {
          if (await outbox.measure()) dispatching.ask();
          deliveries.wake();
        },
        (error) => log.error({ err: error }, 'the outbox was not read'),
      );
      const renew = coalesce(() => deliveries.renewClaims(renewMs), (error) => log.error({ err: error }, 'claims were not renewed'));
      stops.push(signals.on(outboxTopic, dispatching.ask), signals.on(deliveriesTopic, () => deliveries.wake()));
      timers.push(setInterval(() => poll.ask(), options.pollMs ?? 1_000), setInterval(() => renew.ask(), renewMs));
      dispatching.ask();
      deliveries.wake();
    },
    async stop(timeoutMs) {
      for (const stop of stops) stop();
      // the dispatcher ends before what runs: the other nodes take over from here
      dispatcher?.close();
      await dispatcher?.idle();
      await runner?.stop(timeoutMs);
      for (const timer of timers) clearInterval(timer);
      signals.poke(deliveriesTopic);
      signals.poke(outboxTopic);
    },
  };
}

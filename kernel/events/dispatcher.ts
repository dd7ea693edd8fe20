import type { PgBoss } from 'pg-boss';
import { toWireError } from '@proofpix/sdk';
import { bossOnQuery } from '../jobs/boss.ts';
import type { Fairness } from '../jobs/fairness.ts';
import { deliveryPosting, type Posting } from '../jobs/outgoing.ts';
import { post } from '../jobs/post.ts';
import type { Logger } from '../log.ts';
import { appendMessages, sequencerLock } from '../realtime/log.ts';
import type { OutgoingMessage, StoredEvent, SubscriberDirectory } from './contract.ts';
import { hopLimitCode, hopLimitExceeded } from './hops.ts';
import type { Outbox } from './outbox.ts';
import type { SystemPool } from './system-pool.ts';

/** Entries per transaction. */
export const dispatchBatch = 500;

export interface Dispatched {
  deliveries: number;
  messages: number;
  /** Whether the batch was full: there may be more. */
  more: boolean;
}

/** Jobs for all subscribers of an event, or one dead letter. */
export function deliveriesOf(event: StoredEvent, directory: SubscriberDirectory, fairness: Fairness): Posting[] {
  const cycle = hopLimitExceeded(event.provenance, event.pluginId);
  if (cycle !== null) return [deliveryPosting({ event, subscriber: null, error: { code: hopLimitCode, message: cycle } }, fairness)];
  try {
    return directory.subscribersOf(event.provenance.tenantId, event.name).map((subscriber) => deliveryPosting({ event, subscriber }, fairness));
  } catch (error) {
    // one event must not hold up the others
    const { code, message } = toWireError(error);
    return [deliveryPosting({ event, subscriber: null, error: { code, message } }, fairness)];
  }
}

function messageOf(event: StoredEvent): OutgoingMessage[] {
  if (event.realtime === null) return [];
  return [{ tenantId: event.provenance.tenantId, to: { tenant: true }, event: event.realtime, data: event.payload }];
}

/**
 * Moves one batch from the outbox to jobs and the realtime log, in one transaction: all of it happens, or none.
 * One node does this at a time. The lock makes the order of the outbox the order of delivery to sockets, and
 * PostgreSQL gives it back only after the commit is visible.
 */
export function dispatchBatchOnce(options: { pool: SystemPool; boss: PgBoss; outbox: Outbox; directory: SubscriberDirectory; fairness: Fairness; log: Pick<Logger, 'warn'> }): Promise<Dispatched> {
  return options.pool.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [sequencerLock]);
    const entries = await options.outbox.take(query, dispatchBatch);
    const postings: Posting[] = [];
    const messages: OutgoingMessage[] = [];
    for (const entry of entries) {
      if (entry.kind === 'message') messages.push(entry.body);
      else {
        postings.push(...deliveriesOf(entry.body, options.directory, options.fairness));
        messages.push(...messageOf(entry.body));
      }
    }
    if (postings.length > 0) await post(options.boss, postings, bossOnQuery(query));
    await appendMessages(query, messages);
    return { deliveries: postings.length, messages: messages.length, more: entries.length === dispatchBatch };
  });
}

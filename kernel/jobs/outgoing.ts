import { createHash, randomUUIDv7 } from 'node:crypto';
import { ValidationError } from '@proofpix/sdk';
import type { JobInsert } from 'pg-boss';
import { hopLimitCode, hopLimitExceeded } from '../events/hops.ts';
import type { OutgoingJob } from './contract.ts';
import type { DeliveryEnvelope, JobEnvelope } from './envelope.ts';
import type { Fairness } from './fairness.ts';
import { deadLetterQueueOf, interactiveTimeoutMs, type QueueName, queueNames, retryDelayMaxSeconds } from './queues.ts';

/** A row for pg-boss, and the queue it goes to. */
export interface Posting {
  queue: string;
  insert: JobInsert & { id: string };
}

/** pg-boss ends a try that its node did not end, which only happens when its clock stood still. */
const expiryGraceSeconds = 60;
const maxKeyLength = 200;

function queueFor(job: OutgoingJob): QueueName {
  if (job.options.singletonKey !== undefined) return queueNames.keyed;
  return job.timeoutMs > interactiveTimeoutMs ? queueNames.bulk : queueNames.interactive;
}

/** Unique among all tenants, plugins and jobs that share the queue. */
function singletonKeyOf(job: OutgoingJob): string | undefined {
  const key = job.options.singletonKey;
  if (key === undefined) return undefined;
  const full = JSON.stringify([job.provenance.tenantId, job.pluginId, job.name, key]);
  return full.length <= maxKeyLength ? full : createHash('sha256').update(full).digest('hex');
}

function startAfterOf(startAfter: string | number): string | number {
  if (typeof startAfter === 'number') return startAfter;
  const at = new Date(startAfter);
  if (Number.isNaN(at.getTime())) throw ValidationError({ details: { field: 'startAfter', issue: 'is no RFC 3339 date' } });
  return at.toISOString();
}

/** @throws VALIDATION_ERROR for a `startAfter` that is no date */
export function jobPosting(job: OutgoingJob, fairness: Fairness): Posting {
  const queue = queueFor(job);
  const { tenantId } = job.provenance;
  const tag = fairness.priorityOf(queue, tenantId);
  const data: JobEnvelope = { pluginId: job.pluginId, name: job.name, data: job.data, provenance: job.provenance, timeoutMs: job.timeoutMs, tag };
  const singletonKey = singletonKeyOf(job);
  const { startAfter } = job.options;
  const cycle = hopLimitExceeded(job.provenance, job.pluginId);
  if (cycle !== null) return { queue: deadLetterQueueOf(queue), insert: { id: randomUUIDv7(), data: { ...data, error: { code: hopLimitCode, message: cycle } }, group: { id: tenantId } } };
  return {
    queue,
    insert: {
      id: randomUUIDv7(),
      data,
      priority: tag,
      group: { id: tenantId },
      retryLimit: job.retryLimit,
      retryDelay: job.retryDelaySeconds,
      retryBackoff: job.retryDelaySeconds > 0,
      retryDelayMax: retryDelayMaxSeconds,
      expireInSeconds: Math.ceil(job.timeoutMs / 1_000) + expiryGraceSeconds,
      ...(singletonKey === undefined ? {} : { singletonKey }),
      ...(startAfter === undefined ? {} : { startAfter: startAfterOf(startAfter) }),
    },
  };
}

/** One try of a delivery may take as long as a subscription may ask for, and then some. */
const deliveryTimeoutMs = 960_000;
const deliveryRetryDelaySeconds = 1;

export function deliveryPosting(envelope: Pick<DeliveryEnvelope, 'event' | 'subscriber' | 'error'>, fairness: Fairness): Posting {
  const { event, subscriber, error } = envelope;
  const { tenantId } = event.provenance;
  const queue = queueNames.events;
  const tag = fairness.priorityOf(queue, tenantId);
  const data: DeliveryEnvelope = { subscriber, event, tag, timeoutMs: deliveryTimeoutMs, ...(error === undefined ? {} : { error }) };
  const id = randomUUIDv7();
  if (error !== undefined || !subscriber) return { queue: deadLetterQueueOf(queue), insert: { id, data, group: { id: tenantId } } };
  return {
    queue,
    insert: {
      id,
      data,
      priority: tag,
      group: { id: tenantId },
      retryLimit: subscriber.retryLimit,
      retryDelay: deliveryRetryDelaySeconds,
      retryBackoff: true,
      retryDelayMax: retryDelayMaxSeconds,
      expireInSeconds: Math.ceil(deliveryTimeoutMs / 1_000) + expiryGraceSeconds,
    },
  };
}

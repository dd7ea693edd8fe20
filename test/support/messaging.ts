import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@proofpix/sdk';
import type { Database } from '../../kernel/database/index.ts';
import type { OutgoingEvent, Provenance, StoredEvent, Subscriber, SubscriberDirectory } from '../../kernel/events/contract.ts';
import { type Messaging, type MessagingOptions, openMessaging } from '../../kernel/events/open-messaging.ts';
import type { JobDirectory, OutgoingJob, RunningJob } from '../../kernel/jobs/contract.ts';
import type { Logger } from '../../kernel/log.ts';
import { quietLog, type Teardown } from './database.ts';

export const tenantA = '0199a000-0000-7000-8000-00000000000a';
export const tenantB = '0199a000-0000-7000-8000-00000000000b';

/** Logger without a sound. */
export const silent = { ...quietLog, child: () => silent } as unknown as Logger;

export const provenance = (tenantId: string = tenantA, change: Partial<Provenance> = {}): Provenance => ({
  tenantId,
  principal: { kind: 'system', userId: null, credentialId: null, operator: false },
  traceId: 'trace',
  hop: 0,
  chain: [],
  bounds: null,
  ...change,
});

export const event = (payload: JsonObject = {}, change: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  pluginId: 'source',
  name: 'source.happened',
  payload,
  provenance: provenance(),
  realtime: null,
  ...change,
});

export const job = (data: JsonObject = {}, change: Partial<OutgoingJob> = {}): OutgoingJob => ({
  pluginId: 'worker',
  name: 'work',
  data,
  provenance: provenance(),
  retryLimit: 0,
  retryDelaySeconds: 0,
  timeoutMs: 10_000,
  options: {},
  ...change,
});

/** A node of its own on the database, stopped when the test ends. */
export async function openNode(t: Teardown, database: Database, options: Partial<MessagingOptions> = {}): Promise<Messaging> {
  const node = await openMessaging({ database, log: silent, ...options });
  t.teardown(() => node.stop(1_000));
  return node;
}

export const runsJobs = (run: (job: RunningJob) => unknown, change: Partial<JobDirectory> = {}): JobDirectory => ({
  run: async (running) => ((await run(running)) ?? null) as never,
  cronEntries: () => [],
  cronJob: () => job(),
  ...change,
});

export const subscriber = (change: Partial<Subscriber> = {}): Subscriber => ({ pluginId: 'listener', name: 'hear', retryLimit: 0, ...change });

export const delivers = (deliver: (stored: StoredEvent, attempt: number, to: Subscriber) => unknown, subscribers: readonly Subscriber[] = [subscriber()]): SubscriberDirectory => ({
  subscribersOf: () => subscribers,
  deliver: async (to, stored, attempt) => void (await deliver(stored, attempt, to)),
});

/** Waits for a condition; throws after the deadline. */
export async function until(condition: () => unknown, timeoutMs = 30_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await delay(5)) if (await condition()) return;
  throw new Error(`Not within ${timeoutMs} ms: ${condition}`);
}

/** Resolves when the database shows nothing left to dispatch or run. */
export async function settled(node: Messaging): Promise<void> {
  await until(async () => {
    const [row] = await node.pool.query<{ left: string }>(
      `select (select count(*) from kernel.outbox) + (select count(*) from pgboss.job where state < 'completed' and name not like '%-dead') as left`,
    );
    return Number(row?.left) === 0;
  });
}

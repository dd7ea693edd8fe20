/** Shared queues; jobs are dispatched by name inside them, because a queue per plugin job would poll the database to death. */
export const queueNames = {
  /** jobs that may run at most {@link interactiveTimeoutMs} */
  interactive: 'interactive',
  /** longer ones, so that they never hold the slots of the short */
  bulk: 'bulk',
  /** jobs with a singleton key, of which one waits at a time */
  keyed: 'keyed',
  /** deliveries of events to subscribers */
  events: 'events',
} as const;

export type QueueName = (typeof queueNames)[keyof typeof queueNames];

export const jobQueues: readonly QueueName[] = [queueNames.interactive, queueNames.bulk, queueNames.keyed];
export const allQueues: readonly QueueName[] = [...jobQueues, queueNames.events];

export const interactiveTimeoutMs = 60_000;

/** Where what ran out of retries is kept. */
export const deadLetterQueueOf = (queue: QueueName): string => `${queue}-dead`;

const daySeconds = 86_400;

interface QueueSettings {
  policy: 'standard' | 'short';
  /** how long a finished job can still be looked up */
  deleteAfterSeconds: number;
  /** how long an unstarted one waits for somebody to run it */
  retentionSeconds: number;
}

const jobSettings: QueueSettings = { policy: 'standard', deleteAfterSeconds: daySeconds, retentionSeconds: 30 * daySeconds };

export const queueSettings: Readonly<Record<QueueName, QueueSettings>> = {
  interactive: jobSettings,
  bulk: jobSettings,
  keyed: { ...jobSettings, policy: 'short' },
  events: { ...jobSettings, deleteAfterSeconds: daySeconds / 24 },
};

/** A dead letter is kept this long. */
export const deadLetterRetentionSeconds = 30 * daySeconds;

/** Longest backoff between two tries. */
export const retryDelayMaxSeconds = 3_600;

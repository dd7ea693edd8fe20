import type { EntityManager } from '@mikro-orm/postgresql';
import type { JsonObject, Principal } from '@proofpix/sdk';

/**
 * What travels with events, jobs and service calls. Grants are not carried: whoever runs the work
 * looks up what plugin, tenant and principal may do at that moment.
 */
export interface Provenance {
  tenantId: string;
  principal: Principal;
  /** who acted for the principal when it began: work that goes on later is still marked */
  impersonatorId?: string | null;
  traceId: string;
  /** How many events, jobs and service calls led here; above {@link maxHops} it is a dead letter. */
  hop: number;
  /** Plugin ids of the last hops, newest last, at most 16: names the cycle. */
  chain: readonly string[];
  /** Capabilities of the initiating call that bound what a callee may do; null is no bound. */
  bounds: readonly string[] | null;
  /** What led here works on content that must leave no trace: everything that follows may only read. Absent means no. */
  confined?: boolean;
}

export const maxHops = 16;

export interface OutgoingEvent {
  pluginId: string;
  name: string;
  payload: JsonObject;
  provenance: Provenance;
  /** Socket name from the manifest, with the target user left out: goes to the tenant. */
  realtime: string | null;
}

export interface StoredEvent extends OutgoingEvent {
  id: string;
  /** RFC 3339. */
  emittedAt: string;
}

export type RealtimeAddress = { user: string } | { tenant: true } | { room: string } | { deployment: true };

export interface OutgoingMessage {
  /** Null for a message to the whole deployment (`system:*`). */
  tenantId: string | null;
  to: RealtimeAddress;
  event: string;
  data: JsonObject;
}

/** One subscription of one plugin in one tenant. */
export interface Subscriber {
  pluginId: string;
  /** The subscription's name in that plugin. */
  name: string;
  retryLimit: number;
}

/** Answered by the plugins module. */
export interface SubscriberDirectory {
  subscribersOf(tenantId: string, eventName: string): readonly Subscriber[];
  deliver(subscriber: Subscriber, event: StoredEvent, attempt: number, signal: AbortSignal): Promise<void>;
}

export interface Events {
  /** Writes to the outbox in the caller's transaction, or in its own. */
  emit(event: OutgoingEvent, em?: EntityManager): Promise<{ id: string }>;
  /** Same road for sockets: in order, once stored, on all nodes. */
  publish(message: OutgoingMessage, em?: EntityManager): Promise<void>;
  /** Tells the dispatcher that a transaction with emitted events has committed; cheap, coalesced. */
  wake(): void;
  /** Starts dispatching to subscribers. */
  start(directory: SubscriberDirectory): Promise<void>;
  /** Stops taking new work and waits for what runs, `timeoutMs` at the most. */
  stop(timeoutMs: number): Promise<void>;
}

/** A coalesced wake-up between nodes by LISTEN/NOTIFY with a generation counter per topic, reread on reconnect and every second. */
export interface Signals {
  /** Raises the topic's generation in the given transaction or at once; nodes hear it after the commit. */
  raise(topic: string, em?: EntityManager): Promise<void>;
  on(topic: string, listener: () => void): () => void;
}

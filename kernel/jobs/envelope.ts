import type { Json, JsonObject } from '@proofpix/sdk';
import type { Provenance, StoredEvent, Subscriber } from '../events/contract.ts';

/** What every job in a shared queue carries beside its own data. */
export interface Envelope {
  /** priority it was given; tells how far service has come when it is fetched */
  tag: number;
  /** how long one try may take, in milliseconds */
  timeoutMs: number;
}

export interface JobEnvelope extends Envelope {
  pluginId: string;
  name: string;
  data: JsonObject;
  provenance: Provenance;
  /** present in a dead letter that never was a job */
  error?: Json;
}

/** An event on its way to one subscriber; without one, to all there are (a dead letter that is tried again). */
export interface DeliveryEnvelope extends Envelope {
  subscriber: Subscriber | null;
  event: StoredEvent;
  error?: Json;
}

/** One try of one job: settling with it leaves a later try alone. */
export interface Attempt {
  id: string;
  retryCount: number;
}

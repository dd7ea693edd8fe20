import type { Principal } from '../context.ts';
import type { Json, JsonObject } from '../json.ts';

/**
 * The wire between a plugin and its host. Both runtimes speak it: in process the port calls the
 * kernel directly, in the sandbox it crosses an isolate boundary and a pipe. `ctx` is built on it
 * once (`create-context.ts`), which is why nothing in `ctx` differs between the two.
 */
export interface HostPort {
  /** One host call by the name it has in the host's table, e.g. `db.find`. Rejects with a PluginError. */
  call(name: HostCallName, args: readonly Json[]): Promise<Json>;
  /** The next chunk of a stream that the host opened for this call; null at its end. */
  pull(stream: number): Promise<Uint8Array | null>;
  /** Gives the host a chunk of a stream opened for writing; resolves when it wants more. */
  push(stream: number, chunk: Uint8Array): Promise<void>;
  /** Fire and forget, bounded by the host: log lines and metrics. */
  notify(name: 'log' | 'metric', args: readonly Json[]): void;
  /** Host time of the last message, in milliseconds since the epoch. */
  now(): number;
  aborted(): boolean;
}

/** What differs between the runtimes underneath: synchronous primitives. */
export interface Primitives {
  hash(algorithm: string, data: Uint8Array): Uint8Array;
  hmac(algorithm: string, key: Uint8Array, data: Uint8Array): Uint8Array;
  ed25519Sign(privateKey: Uint8Array, data: Uint8Array): Uint8Array;
  ed25519Verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

/** Everything a handler is started with. Plain JSON. */
export interface Invocation {
  /** `route:<name>`, `event:<subscription>`, `hook:<point>`, `job:<name>`, `service:<ref>.<method>`. */
  handler: string;
  input: Json;
  call: CallInfo;
}

/** The call a handler runs in, as the host tells the runtime. */
export interface CallInfo {
  id: string;
  plugin: { id: string; version: string };
  tenantId: string;
  principal: Principal;
  link: { purpose: string; id: string } | null;
  traceId: string;
  /** Milliseconds since the epoch. */
  deadline: number;
  nowMs: number;
  /** 32 bytes as hex, drawn by the host. */
  seed: string;
  config: JsonObject;
  settings: JsonObject;
  /** The call, and whatever it calls, may neither keep nor send out anything. Absent means no. */
  confined?: boolean;
}

/** Every call the host answers; the kernel's table has an entry for each and the types check it. */
export const hostCallNames = [
  'db.find', 'db.findOne', 'db.get', 'db.count', 'db.insert', 'db.insertMany', 'db.update', 'db.upsert', 'db.delete', 'db.aggregate',
  'db.begin', 'db.commit', 'db.rollback', 'sql.query',
  'kv.get', 'kv.set', 'kv.delete', 'kv.increment',
  'files.open', 'files.create', 'files.finish', 'files.stat', 'files.keep', 'files.share', 'files.delete', 'stream.close',
  'events.emit', 'hooks.run',
  'jobs.send', 'jobs.status', 'jobs.cancel', 'jobs.progress',
  'realtime.publish', 'services.call', 'services.callConfined', 'fetch.open',
  'scratch.create', 'scratch.keep', 'scratch.begin', 'scratch.finish', 'scratch.open', 'scratch.share', 'scratch.state', 'scratch.run', 'scratch.end',
  'secrets.has', 'secrets.get', 'secrets.set', 'vault.seal', 'vault.open', 'vault.hashPassword', 'vault.verifyPassword',
  'auth.can', 'auth.audit', 'links.sign',
] as const;

/** Name of a host call, e.g. `db.find`. */
export type HostCallName = (typeof hostCallNames)[number];

/** A route handler's reply as it crosses the wall. */
export interface ReplyWire {
  status?: number;
  headers?: Record<string, string>;
  json?: Json;
  text?: string;
  base64?: string;
  /** The host streams the file, with ranges and validators (RFC 9110, sections 13 and 14). */
  file?: { id: string; filename?: string; inline?: boolean; mimeType?: string };
}

/** A route handler's input as it crosses the wall. */
export interface RouteInputWire {
  params: Record<string, string>;
  query: JsonObject;
  body: Json;
  headers: Record<string, string>;
  files: JsonObject[];
  rawBase64: string | null;
  /** Which browser asks, on a route that wants to know. */
  browser: string | null;
}

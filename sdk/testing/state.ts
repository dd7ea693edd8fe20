import type { JobStatus, Principal, RealtimeTarget, StoredFile } from '../context.ts';
import type { Plugin } from '../define-plugin.ts';
import type { Json, JsonObject } from '../json.ts';
import type { HostCallName } from '../runtime/port.ts';
import { type Grants, grantsOf } from '../runtime/capabilities.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { type Ids, seededIds } from './ids.ts';
import type { HarnessOptions, Identity } from './options.ts';
import { requireValid, schemaCompiler } from './schema-check.ts';
import { type MemoryStore, memoryStore } from './store/memory-store.ts';
import type { MemoryTransaction } from './store/memory-store.ts';

/** An event that the plugin emitted, once what it belongs to has committed. */
export interface EmittedEvent {
  id: string;
  name: string;
  payload: JsonObject;
  tenantId: string;
  principal: Principal;
  emittedAt: string;
}

/** A job that the plugin sent. */
export interface SentJob extends JobStatus {
  data: JsonObject;
  tenantId: string;
  principal: Principal;
  /** Milliseconds since the epoch. */
  dueMs: number;
  singletonKey: string | null;
}

/** A live message that the plugin published. */
export interface PublishedMessage {
  tenantId: string;
  to: RealtimeTarget;
  event: string;
  data: JsonObject;
}

/** An audit entry that the plugin made. */
export interface AuditedAction {
  tenantId: string;
  principal: Principal;
  action: string;
  target: string | null;
  details: JsonObject;
}

/** A line that the plugin logged. */
export interface LogLine {
  level: string;
  message: string;
  fields: JsonObject;
}

/** A metric that the plugin counted, set or observed. */
export interface MetricPoint {
  kind: string;
  name: string;
  value: number;
  labels: Record<string, string>;
}

/** Content that a tenant's file or handle opens. */
export interface FileContent {
  file: StoredFile;
  tenantId: string;
  bytes: Uint8Array;
}

export interface FileHandle {
  content: FileContent;
  /** Milliseconds since the epoch; null for a handle of one call. */
  expiresMs: number | null;
  callId: string | null;
}

/** A session of `ctx.scratch`; its files by name. */
export interface ScratchSession {
  tenantId: string;
  /** Milliseconds since the epoch. */
  expiresMs: number;
  files: Map<string, FileContent>;
}

export interface CallStream {
  pull?(): Promise<Uint8Array | null>;
  push?(chunk: Uint8Array): void;
  finish?(): Promise<StoredFile>;
}

/** One call of one handler. */
export interface HarnessCall {
  id: string;
  tenantId: string;
  identity: Identity;
  principal: Principal;
  /** Milliseconds since the epoch. */
  deadline: number;
  job: SentJob | null;
  confined: boolean;
  transaction: { id: string; open: MemoryTransaction } | null;
  streams: Map<number, CallStream>;
}

/** What a fake host knows; shared by everyone who asks through one harness. */
export interface HarnessState {
  readonly plugin: Plugin;
  readonly options: HarnessOptions;
  readonly config: JsonObject;
  readonly settings: JsonObject;
  readonly clock: FakeClock;
  readonly ids: Ids;
  readonly grants: Grants;
  readonly store: MemoryStore;
  readonly kv: Map<string, { value: Json; expiresMs: number | null }>;
  readonly files: Map<string, FileContent>;
  readonly handles: Map<string, FileHandle>;
  readonly scratch: Map<string, ScratchSession>;
  readonly secrets: Map<string, string>;
  readonly events: EmittedEvent[];
  readonly jobs: SentJob[];
  readonly published: PublishedMessage[];
  readonly audited: AuditedAction[];
  readonly logs: LogLine[];
  readonly metrics: MetricPoint[];
}

/** One host call by name: checks authority, then does it. */
export type FakeHostCall = (call: HarnessCall, args: readonly Json[]) => Promise<Json | void> | Json | void;
export type FakeHostTable = Readonly<Record<HostCallName, FakeHostCall>>;

function configOf(plugin: Plugin, given: JsonObject = {}): JsonObject {
  const schema = plugin.manifest.config;
  const config = structuredClone(given) as Record<string, Json>;
  if (schema !== undefined) requireValid(schema, config, 'config', schemaCompiler({ useDefaults: true }));
  return config;
}

function settingsOf(plugin: Plugin, given: JsonObject = {}): JsonObject {
  const settings = structuredClone(given);
  requireValid(plugin.manifest.settings ?? { maxProperties: 0 }, settings, 'settings', schemaCompiler({}));
  return settings;
}

export function harnessState(plugin: Plugin, options: HarnessOptions): HarnessState {
  const clock = fakeClock(options.nowMs);
  const ids = seededIds(options.seed ?? 'proofpix', clock.now);
  return {
    plugin,
    options,
    config: configOf(plugin, options.config),
    settings: settingsOf(plugin, options.settings),
    clock,
    ids,
    grants: grantsOf(options.granted ?? plugin.manifest.capabilities, null),
    store: memoryStore(plugin.manifest, { now: clock.iso, id: ids.record }),
    kv: new Map(),
    files: new Map(),
    handles: new Map(),
    scratch: new Map(),
    secrets: new Map(Object.entries(options.secrets ?? {})),
    events: [],
    jobs: [],
    published: [],
    audited: [],
    logs: [],
    metrics: [],
  };
}

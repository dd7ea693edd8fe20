import type { Runtime } from '../plugins/contract.ts';

/** The part of a pino logger that the sandbox writes to. */
export interface SandboxLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A plugin version was ended by force. */
export interface Strike {
  tenantId: string;
  pluginId: string;
  version: string;
  /** `stuck`: it did not stop when told to; `resident`: its process outgrew its bound; `crash`: its process died. */
  reason: 'cpu' | 'memory' | 'deadline' | 'bytes' | 'stuck' | 'resident' | 'crash';
  /** Milliseconds since the epoch. */
  atMs: number;
  /** Set when this strike was the one too many. */
  quarantinedUntilMs: number | null;
}

/** What one call cost. */
export interface Usage {
  tenantId: string;
  pluginId: string;
  version: string;
  handler: string;
  cpuMs: number;
  wallMs: number;
  hostCalls: number;
  /** Characters of JSON over the wall, both ways. */
  bytes: number;
  /** Log lines and metrics that were dropped. */
  dropped: number;
  /** `ok`, or the code of the error. */
  outcome: string;
}

export interface Match {
  tenantId?: string;
  pluginId?: string;
  version?: string;
}

export interface MeterRow {
  tenantId: string;
  pluginId: string;
  calls: number;
  errors: number;
  cpuMs: number;
  wallMs: number;
  hostCalls: number;
  bytes: number;
  dropped: number;
  peakHeapBytes: number;
}

export interface SandboxStats {
  children: { pid: number; kind: 'pool' | 'solo'; residentBytes: number; isolates: number; calls: number }[];
  isolates: number;
  calls: number;
  kills: number;
  quarantined: { tenantId: string; pluginId: string; version: string; untilMs: number }[];
  meters: MeterRow[];
}

export interface SandboxOptions {
  /** Processes that plugins share; default 2, 1 to 64. With more than one, the last is for versions that have yet to prove themselves. */
  children?: number;
  /** Processes for suspects, one each; default 4. */
  soloChildren?: number;
  /** Isolates kept in one process before the least recently used idle one is dropped; default 200. */
  isolatesPerChild?: number;
  /** Resident size at which a process is killed; default 768 MiB. */
  rssLimitBytes?: number;
  /** How long a process may leave a ping unanswered; default 1,500 ms. */
  pingTimeoutMs?: number;
  /** How long an isolate may take to stop once it is told to; default 200 ms. */
  disposeTimeoutMs?: number;
  log: SandboxLog;
  onStrike?(strike: Strike): void;
  onUsage?(usage: Usage): void;
}

export interface Sandbox extends Runtime {
  /** Registers the bundle of a plugin version. Cheap and idempotent; another text for the same version drops its isolates. */
  load(plugin: { id: string; version: string; code: string }): void;
  /** Drops isolates: of a tenant, a plugin, a version. Calls in flight end with UNAVAILABLE. */
  evict(match: Match): Promise<void>;
  /** Lifts quarantine and forgets strikes. */
  release(match: Match): void;
  stats(): SandboxStats;
  /** Ends every process; calls in flight end with UNAVAILABLE. */
  close(): Promise<void>;
}

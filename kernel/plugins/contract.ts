import type { Json, Limits } from '@proofpix/sdk';
import type { HostCallName, Invocation } from '@proofpix/sdk/runtime';

/**
 * What a runtime calls while a handler runs. The kernel makes one per call; it knows tenant,
 * principal, grants, deadline and hop count, checks every capability and owns every stream. It
 * rejects with a PluginError, so a runtime only has to carry `toWireError(error)` across.
 */
export interface HostSession {
  call(name: HostCallName, args: readonly Json[]): Promise<Json>;
  pull(stream: number): Promise<Uint8Array | null>;
  push(stream: number, chunk: Uint8Array): Promise<void>;
  notify(name: 'log' | 'metric', args: readonly Json[]): void;
  /** Aborts at the deadline, when the client has gone, and when the plugin is stopped. */
  readonly signal: AbortSignal;
}

/** What is to be run where. */
export interface RunTarget {
  tenantId: string;
  pluginId: string;
  version: string;
  limits: Limits;
  /** Whether the call may be repeated when the process that ran it died through no fault of its own. */
  idempotent: boolean;
}

/** A place where plugin code runs. Two exist: in process and sandboxed. */
export interface Runtime {
  /** @throws PluginError; `DEADLINE_EXCEEDED`, `UNAVAILABLE` and `BUDGET_EXCEEDED` (kind `unavailable`) are the runtime's own. */
  invoke(target: RunTarget, invocation: Invocation, session: HostSession): Promise<Json>;
}

import { DeadlineExceeded, Unavailable, type Json, type PluginError } from '@proofpix/sdk';
import { platformCode, type Invocation } from '@proofpix/sdk/runtime';
import type { HostSession, RunTarget } from '../../plugins/contract.ts';
import type { Usage } from '../contract.ts';

/** How one attempt ended. `lost`: its process or isolate went, through no fault of this call. */
export type Outcome = { kind: 'value'; value: Json } | { kind: 'error'; error: PluginError } | { kind: 'lost' };

/** One attempt at a call, with what it has used so far. */
export interface Call {
  /** Unique within the sandbox. */
  readonly id: number;
  readonly target: RunTarget;
  readonly invocation: Invocation;
  readonly session: HostSession;
  cpuMs: number;
  hostCalls: number;
  bytes: number;
  /** Host calls that have not been answered. */
  inFlight: number;
  notifies: number;
  dropped: number;
  /** Slices under way that carried something for this call. */
  slices: number;
  readonly done: boolean;
  /** The first one counts. */
  finish(outcome: Outcome): void;
  /** Tells the meters, once the call is done and its last slice is known. */
  account(force?: boolean): void;
}

let nextId = 1;

export interface CallOptions {
  target: RunTarget;
  invocation: Invocation;
  session: HostSession;
  /** The call ended from outside: its deadline passed, or it was cancelled. */
  onStop(call: Call, error: PluginError): void;
  onUsage(usage: Usage): void;
  onOutcome(outcome: Outcome): void;
}

export function startCall({ target, invocation, session, onStop, onUsage, onOutcome }: CallOptions): Call {
  const startedAt = performance.now();
  const { deadline } = invocation.call;
  let outcome: Outcome | null = null;
  let wallMs = 0;
  let accounted = false;

  function stop(error: PluginError): void {
    call.finish({ kind: 'error', error });
    onStop(call, error);
  }

  // Whoever made the session may have a timer for the same deadline, and clocks are read to the millisecond.
  const cancel = (): void => stop(Date.now() >= deadline - 1 ? DeadlineExceeded() : Unavailable({ message: 'The call was cancelled.' }));

  const call: Call = {
    id: nextId++,
    target,
    invocation,
    session,
    cpuMs: 0,
    hostCalls: 0,
    bytes: 0,
    inFlight: 0,
    notifies: 0,
    dropped: 0,
    slices: 0,
    get done() {
      return outcome !== null;
    },
    finish(ending) {
      if (outcome !== null) return;
      outcome = ending;
      wallMs = performance.now() - startedAt;
      clearTimeout(timer);
      session.signal.removeEventListener('abort', cancel);
      onOutcome(ending);
      call.account();
    },
    account(force = false) {
      if (outcome === null || accounted || (call.slices > 0 && !force)) return;
      accounted = true;
      const { tenantId, pluginId, version } = target;
      const { cpuMs, hostCalls, bytes, dropped } = call;
      onUsage({ tenantId, pluginId, version, handler: invocation.handler, cpuMs, wallMs, hostCalls, bytes, dropped, outcome: outcome.kind === 'value' ? 'ok' : outcome.kind === 'lost' ? 'UNAVAILABLE' : invocation.call.confined === true ? platformCode(outcome.error) : outcome.error.code });
    },
  };
  const timer = setTimeout(() => stop(DeadlineExceeded()), Math.min(Math.max(0, deadline - Date.now()), 2_147_483_647));
  session.signal.addEventListener('abort', cancel, { once: true });
  return call;
}

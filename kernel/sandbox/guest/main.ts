import { toWireError, type Json, type Plugin, type WireError } from '@proofpix/sdk';
import type { dispatch as Dispatch, Invocation } from '@proofpix/sdk/runtime';
import { fromJson } from './bridge.ts';
import { openCall, type CallLimits, type GuestCall } from './call.ts';
import { post } from './outbox.ts';
import { primitives } from './primitives.ts';
import { runTimers } from './timers.ts';

type Message =
  | ['i', number, Invocation, CallLimits]
  | ['o', number, number, number, Json]
  | ['f', number, number, number, WireError]
  | ['a', number, WireError]
  | ['m'];

const chunkHeadBytes = 20;

function stackOf(error: unknown): string {
  try {
    const { stack } = error as { stack?: unknown };
    return typeof stack === 'string' ? stack.slice(0, 4_000) : String(error).slice(0, 4_000);
  } catch {
    return 'an error that throws when it is read';
  }
}

function wireOf(error: unknown): WireError {
  try {
    return toWireError(error);
  } catch {
    return toWireError(null);
  }
}

function fail(id: number, error: unknown): void {
  const wire = wireOf(error);
  const stack = wire.kind === 'internal' ? stackOf(error) : null;
  try {
    post(['e', id, wire, stack]);
  } catch {
    post(['e', id, toWireError(null), stack]);
  }
}

/**
 * Makes the receiver of a plugin: the runner calls it with batches of messages and with chunks of
 * streams. `dispatch` is the one of the SDK that the plugin was bundled with: replies are told by identity.
 */
export function serve(plugin: Plugin, dispatch: typeof Dispatch): (...items: (string | ArrayBuffer)[]) => void {
  const calls = new Map<number, GuestCall>();

  function start(id: number, invocation: Invocation, limits: CallLimits): void {
    const call = openCall(id, invocation.call.nowMs, limits);
    calls.set(id, call);
    void run(id, call, invocation);
  }

  async function run(id: number, call: GuestCall, invocation: Invocation): Promise<void> {
    try {
      const result = await dispatch(plugin, invocation, call.port, primitives);
      if (!call.ended) post(['r', id, result]);
    } catch (error) {
      if (!call.ended) fail(id, error);
    } finally {
      calls.delete(id);
    }
  }

  function take(message: Message): void {
    switch (message[0]) {
      case 'i':
        return start(message[1], message[2], message[3]);
      case 'o':
        return calls.get(message[1])?.settle(message[2], message[3], message[4]);
      case 'f':
        return calls.get(message[1])?.fail(message[2], message[3], message[4]);
      case 'a':
        calls.get(message[1])?.end(message[2]);
        calls.delete(message[1]);
        return;
      case 'm':
        post(['m', plugin.manifest]);
    }
  }

  function chunk(buffer: ArrayBuffer): void {
    const head = new DataView(buffer);
    const bytes = head.getUint32(16) === 1 ? new Uint8Array(buffer, chunkHeadBytes) : null;
    calls.get(head.getUint32(8))?.settle(head.getUint32(12), head.getFloat64(0), bytes);
  }

  return (...items) => {
    for (const item of items) {
      if (typeof item === 'string') for (const message of fromJson(item) as Message[]) take(message);
      else chunk(item);
    }
    runTimers();
  };
}

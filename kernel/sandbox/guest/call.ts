import { fromWireError, type Json, type WireError } from '@proofpix/sdk';
import type { HostPort } from '@proofpix/sdk/runtime';
import { bridge } from './bridge.ts';
import { post } from './outbox.ts';

/** Budgets that the guest's half keeps as a courtesy; the host keeps them whatever the guest does. */
export interface CallLimits {
  hostCalls: number;
  /** Requests that may wait at the same time. */
  inFlight: number;
  notifies: number;
}

interface Pending {
  resolve(value: never): void;
  reject(error: unknown): void;
}

export interface GuestCall {
  port: HostPort;
  settle(request: number, nowMs: number, value: unknown): void;
  fail(request: number, nowMs: number, error: WireError): void;
  end(error: WireError): void;
  readonly ended: boolean;
}

const pushHeadBytes = 12;

/** The guest's half of one call: requests by number until their replies come. */
export function openCall(id: number, startMs: number, limits: CallLimits): GuestCall {
  const pending = new Map<number, Pending>();
  let request = 0;
  let hostCalls = 0;
  let notifies = 0;
  let now = startMs;
  let over: WireError | null = null;

  function ask<T>(tell: (request: number) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (over !== null) return reject(fromWireError(over));
      // The host ends the call at its bound; what is beyond it is never answered.
      if (pending.size > limits.inFlight) return;
      const number = ++request;
      tell(number);
      pending.set(number, { resolve, reject });
    });
  }

  function take(number: number, nowMs: number): Pending | undefined {
    const found = pending.get(number);
    pending.delete(number);
    now = nowMs;
    return found;
  }

  const port: HostPort = {
    call(name, args) {
      // The one over the budget is still told, so that the host ends the call.
      if (++hostCalls > limits.hostCalls + 1) return new Promise(() => undefined);
      return ask<Json>((number) => post(['c', id, number, name, args]));
    },
    pull: (stream) => ask((number) => post(['p', id, number, stream])),
    push: (stream, chunk) =>
      ask((number) => {
        const bytes = new Uint8Array(pushHeadBytes + chunk.length);
        const head = new DataView(bytes.buffer);
        head.setUint32(0, id);
        head.setUint32(4, number);
        head.setUint32(8, stream);
        bytes.set(chunk, pushHeadBytes);
        bridge.push(bytes.buffer);
      }),
    notify(name, args) {
      if (over !== null) return;
      // Beyond the bound only every thousandth is told: the host counts what it never sees.
      if (++notifies <= limits.notifies) post(['n', id, name, args]);
      else if (notifies % 1000 === 0) post(['x', id, 1000]);
    },
    now: () => now,
    aborted: () => over !== null,
  };

  return {
    port,
    settle: (number, nowMs, value) => take(number, nowMs)?.resolve(value as never),
    fail: (number, nowMs, error) => take(number, nowMs)?.reject(fromWireError(error)),
    end(error) {
      over = error;
      for (const { reject } of pending.values()) reject(fromWireError(error));
      pending.clear();
    },
    get ended() {
      return over !== null;
    },
  };
}

import { Conflict, InternalError, toWireError, type Json } from '@proofpix/sdk';
import { hostCallNames, type HostCallName } from '@proofpix/sdk/runtime';
import type { SandboxLog } from '../contract.ts';
import { BudgetExceeded, type Budget } from '../errors.ts';
import { chunkHeadBytes } from '../runner/frames.ts';
import type { Call } from './call.ts';
import { toGuestJson } from './untrusted-json.ts';

/** Requests of one call that may wait for the host at the same time. */
export const maxInFlight = 1_000;
/** Log lines and metrics of one call; more are dropped and counted. */
export const maxNotifies = 1_000;
const maxNotifyLength = 16_384;

const known: ReadonlySet<unknown> = new Set(hostCallNames);

export interface RequestsOptions {
  log: SandboxLog;
  post(call: Call, text: string): void;
  postChunk(call: Call, bytes: Uint8Array): void;
  /** Ends the call with BUDGET_EXCEEDED. */
  breach(call: Call, budget: Budget): void;
}

/** Answers what a guest asks of its host, within the call's budgets. */
export interface Requests {
  call(call: Call, request: number, name: Json | undefined, args: Json | undefined): void;
  pull(call: Call, request: number, stream: number): void;
  push(call: Call, request: number, stream: number, bytes: Uint8Array): void;
  notify(call: Call, name: Json | undefined, args: Json | undefined, length: number): void;
}

function chunkFrame(call: Call, request: number, chunk: Uint8Array | null): Uint8Array {
  const bytes = new Uint8Array(chunkHeadBytes + (chunk?.length ?? 0));
  const head = new DataView(bytes.buffer);
  head.setFloat64(0, Date.now());
  head.setUint32(8, call.id);
  head.setUint32(12, request);
  head.setUint32(16, chunk === null ? 0 : 1);
  if (chunk !== null) bytes.set(chunk, chunkHeadBytes);
  return bytes;
}

export function requests({ log, post, postChunk, breach }: RequestsOptions): Requests {
  function refuse(call: Call, request: number, error: unknown): void {
    if (call.done) return;
    const wire = toWireError(error);
    if (wire.code === InternalError.code) log.error({ err: error, plugin: call.target.pluginId, tenant: call.target.tenantId }, 'a host call of a plugin failed');
    post(call, `["f",${call.id},${request},${Date.now()},${toGuestJson(wire)}]`);
  }

  /** Runs one request; a session that throws at once and one that rejects are the same. */
  async function answer<T>(call: Call, request: number, run: () => Promise<T>, reply: (value: T) => void): Promise<void> {
    if (++call.inFlight > maxInFlight) return breach(call, 'host-calls');
    try {
      const value = await run();
      if (!call.done) reply(value);
    } catch (error) {
      refuse(call, request, error);
    } finally {
      call.inFlight--;
    }
  }

  return {
    call(call, request, name, args) {
      if (++call.hostCalls > call.target.limits.hostCalls) return breach(call, 'host-calls');
      if (!known.has(name) || !Array.isArray(args)) return refuse(call, request, Conflict({ message: 'There is no such host call.' }));
      void answer(
        call,
        request,
        () => call.session.call(name as HostCallName, args as readonly Json[]),
        (value) => {
          const text = `["o",${call.id},${request},${Date.now()},${toGuestJson(value ?? null)}]`;
          call.bytes += text.length;
          if (call.bytes > call.target.limits.bytes) return breach(call, 'bytes');
          post(call, text);
        },
      );
    },
    pull(call, request, stream) {
      void answer(call, request, () => call.session.pull(stream), (chunk) => postChunk(call, chunkFrame(call, request, chunk)));
    },
    push(call, request, stream, bytes) {
      void answer(call, request, () => call.session.push(stream, bytes), () => post(call, `["o",${call.id},${request},${Date.now()},null]`));
    },
    notify(call, name, args, length) {
      if ((name !== 'log' && name !== 'metric') || !Array.isArray(args) || ++call.notifies > maxNotifies || length > maxNotifyLength) {
        call.dropped++;
        return;
      }
      try {
        call.session.notify(name, args as readonly Json[]);
      } catch {
        call.dropped++;
      }
    },
  };
}

export function budgetError(budget: Budget): ReturnType<typeof BudgetExceeded> {
  return BudgetExceeded({ details: { budget } });
}

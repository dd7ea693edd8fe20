import { defineError, DeadlineExceeded, toWireError, Unavailable, fromWireError, type Json } from '@proofpix/sdk';
import { confinedHostCalls, confinedRefusal } from '@proofpix/sdk/runtime';
import type { Logger } from '../../log.ts';
import type { PluginCall } from '../call.ts';
import type { HostSession } from '../contract.ts';
import type { HostTable } from './host-call.ts';
import { pullStream, pushStream } from './streams.ts';

export const BudgetExceeded = defineError({ code: 'BUDGET_EXCEEDED', kind: 'unavailable', message: 'The plugin used more than a call may.' });

export interface SessionDeps {
  table: HostTable;
  log: Logger;
  notify(call: PluginCall, name: 'log' | 'metric', args: readonly Json[]): void;
}

/** Ends what a call has left open. Safe to call twice. */
export async function endCall(call: PluginCall, log: Logger): Promise<void> {
  const transaction = call.transaction;
  call.transaction = null;
  const streams = [...call.streams.values()];
  call.streams.clear();
  const endings = [...streams.map((stream) => stream.close()), ...(transaction === null ? [] : [transaction.rollback()])];
  for (const ending of await Promise.allSettled(endings)) if (ending.status === 'rejected') log.warn({ err: ending.reason as unknown, callId: call.id }, 'a stream or transaction of a call did not end cleanly');
}

/** The host's side of one call, for either runtime. */
export function openSession(call: PluginCall, { table, log, notify }: SessionDeps): HostSession {
  const confined = call.provenance.confined === true;
  const quiet = confined || call.grants.has('scratch');

  function live(): void {
    if (call.signal.aborted) throw Date.now() >= call.deadline ? DeadlineExceeded() : Unavailable({ message: 'The call was cancelled.' });
  }

  /** Unknown errors are logged here, with their cause, and cross as INTERNAL_SERVER_ERROR. */
  function outward(error: unknown, name: string): Error {
    const wire = toWireError(error);
    if (wire.code === 'INTERNAL_SERVER_ERROR') log.error({ ...(quiet ? {} : { err: error }), hostCall: name, plugin: call.version.manifest.id, traceId: call.provenance.traceId }, 'a host call failed');
    return fromWireError(wire);
  }

  return {
    signal: call.signal,
    async call(name, args) {
      try {
        live();
        if (++call.spent.hostCalls > call.version.limits.hostCalls) throw BudgetExceeded({ message: `A call of this plugin may make ${call.version.limits.hostCalls} host calls.`, details: { budget: 'host-calls' } });
        if (confined && !confinedHostCalls.has(name)) throw confinedRefusal(name);
        return await table[name](call, args);
      } catch (error) {
        throw outward(error, name);
      }
    },
    async pull(stream) {
      try {
        live();
        return await pullStream(call, stream);
      } catch (error) {
        throw outward(error, 'stream.pull');
      }
    },
    async push(stream, chunk) {
      try {
        live();
        await pushStream(call, stream, chunk);
      } catch (error) {
        throw outward(error, 'stream.push');
      }
    },
    notify(name, args) {
      // a line or a label could carry the content
      if (!confined) notify(call, name, args);
    },
  };
}

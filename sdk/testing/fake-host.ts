import { DeadlineExceeded, fromWireError, NotFound, toWireError, ValidationError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { confinedHostCalls, confinedRefusal } from '../runtime/confinement.ts';
import type { HostPort } from '../runtime/port.ts';
import { authCalls } from './host/auth.ts';
import { dbCalls } from './host/db.ts';
import { eventCalls } from './host/events.ts';
import { fetchCalls } from './host/fetch.ts';
import { fileCalls } from './host/files.ts';
import { jobCalls } from './host/jobs.ts';
import { kvCalls } from './host/kv.ts';
import { scratchCalls } from './host/scratch.ts';
import { secretCalls } from './host/secrets.ts';
import { serviceCalls } from './host/services.ts';
import { vaultCalls } from './host/vault.ts';
import type { FakeHostTable, HarnessCall, HarnessState } from './state.ts';

/** A copy that shares nothing with the other side, as if it had crossed the wall. */
export const crossed = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

/** The host's side of `ctx` in memory, with the host's rules. */
export interface FakeHost {
  portOf(call: HarnessCall): HostPort;
  /** Ends what a call has left open. */
  end(call: HarnessCall): void;
}

/** Errors lose what the wall takes from them; an unknown one keeps its message here, because it is the test's own. */
function outward(error: unknown): Error {
  const wire = toWireError(error);
  return wire.code === 'INTERNAL_SERVER_ERROR' && error instanceof Error ? error : fromWireError(wire);
}

export function fakeHost(state: HarnessState): FakeHost {
  const table: FakeHostTable = {
    ...dbCalls(state),
    ...kvCalls(state),
    ...fileCalls(state),
    ...eventCalls(state),
    ...jobCalls(state),
    ...fetchCalls(state),
    ...scratchCalls(state),
    ...secretCalls(state),
    ...authCalls(state),
    ...serviceCalls(state),
    ...vaultCalls(state),
  };

  function live(call: HarnessCall): void {
    if (state.clock.now() >= call.deadline) throw DeadlineExceeded();
  }

  return {
    portOf(call) {
      return {
        async call(name, args) {
          try {
            live(call);
            if (call.confined && !confinedHostCalls.has(name)) throw confinedRefusal(name);
            const result = ((await table[name](call, crossed(args))) ?? null) as Json;
            return crossed(result);
          } catch (error) {
            throw outward(error);
          }
        },
        async pull(stream) {
          live(call);
          const source = call.streams.get(stream);
          if (source === undefined) throw NotFound({ message: 'There is no such stream in this call.' });
          if (source.pull === undefined) throw ValidationError({ message: 'This stream is for writing.' });
          const chunk = await source.pull();
          if (chunk === null) call.streams.delete(stream);
          return chunk;
        },
        async push(stream, chunk) {
          live(call);
          const target = call.streams.get(stream);
          if (target?.push === undefined) throw ValidationError({ message: 'This stream is not open for writing.' });
          target.push(chunk);
        },
        notify(name, args) {
          if (call.confined) return;
          if (name === 'log') state.logs.push({ level: args[0] as string, message: args[1] as string, fields: args[2] as JsonObject });
          else state.metrics.push({ kind: args[0] as string, name: args[1] as string, value: args[2] as number, labels: args[3] as Record<string, string> });
        },
        now: state.clock.now,
        aborted: () => state.clock.now() >= call.deadline,
      };
    },
    end(call) {
      const transaction = call.transaction;
      call.transaction = null;
      transaction?.open.rollback();
      call.streams.clear();
      for (const [handle, { callId }] of state.handles) if (callId === call.id) state.handles.delete(handle);
    },
  };
}

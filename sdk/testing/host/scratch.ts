import { NotFound, ValidationError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import type { FakeHostCall, HarnessCall, HarnessState, ScratchSession } from '../state.ts';
import { addStream, contentOf, fileContent, readable } from './files.ts';
import { queuedJob } from './jobs.ts';

const maxTtlSeconds = 3_600;

function ttlMs(options: Json | undefined): number {
  const { ttlSeconds } = options as { ttlSeconds: number };
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > maxTtlSeconds) throw ValidationError({ message: `ttlSeconds: must be 1 to ${maxTtlSeconds}`, details: { field: 'ttlSeconds', issue: `must be 1 to ${maxTtlSeconds}` } });
  return ttlSeconds * 1000;
}

/** `ctx.scratch`, in memory: nothing of it is in the records, events and lines that a test looks at. */
export function scratchCalls(state: HarnessState) {
  const needs =
    (run: FakeHostCall): FakeHostCall =>
    (call, args) => {
      if (!state.grants.has('scratch')) throw capabilityMissing('scratch');
      return run(call, args);
    };

  function open(call: HarnessCall, lifeMs: number): { id: string; expiresAt: string; session: ScratchSession } {
    const id = `scratch-${state.ids.record()}`;
    const session: ScratchSession = { tenantId: call.tenantId, expiresMs: state.clock.now() + lifeMs, files: new Map() };
    state.scratch.set(id, session);
    return { id, expiresAt: new Date(session.expiresMs).toISOString(), session };
  }

  function find(call: HarnessCall, id: Json | undefined): ScratchSession | null {
    const session = state.scratch.get(id as string);
    return session !== undefined && session.tenantId === call.tenantId && session.expiresMs > state.clock.now() ? session : null;
  }

  function required(call: HarnessCall, id: Json | undefined): ScratchSession {
    const session = find(call, id);
    if (session === null) throw NotFound({ message: 'There is no such session here.' });
    return session;
  }

  const fileOf = (session: ScratchSession, name: Json | undefined) => {
    const content = session.files.get(name as string);
    if (content === undefined) throw NotFound({ message: 'The session has no such file.' });
    return content;
  };

  return {
    'scratch.create': needs((call, [options]) => {
      const { id, expiresAt } = open(call, ttlMs(options));
      return { id, expiresAt };
    }),
    'scratch.keep': needs((call, [handle, options]) => {
      const content = contentOf(state, call.tenantId, call.id, handle as string);
      const { id, expiresAt, session } = open(call, ttlMs(options));
      session.files.set('upload', content);
      return { id, expiresAt, file: { ...content.file, id: 'upload' } };
    }),
    'scratch.begin': needs((call, [id, name, options]) => {
      const session = required(call, id);
      const parts: Uint8Array[] = [];
      return addStream(call, {
        push: (chunk) => void parts.push(chunk.slice()),
        async finish() {
          const content = await fileContent(state, call.tenantId, new Uint8Array(Buffer.concat(parts)), (options as { mimeType: string | null }).mimeType);
          session.files.set(name as string, content);
          return { ...content.file, id: name as string };
        },
      });
    }),
    'scratch.finish': needs(async (call, [id]) => {
      const stream = call.streams.get(id as number);
      if (stream?.finish === undefined) throw ValidationError({ message: 'This stream is not open for writing.' });
      call.streams.delete(id as number);
      return (await stream.finish()) as unknown as Json;
    }),
    'scratch.open': needs((call, [id, name]) => addStream(call, readable(fileOf(required(call, id), name).bytes))),
    'scratch.share': needs((call, [id, name, options]) => {
      const session = required(call, id);
      const handle = `handle-${state.ids.record()}`;
      state.handles.set(handle, { content: fileOf(session, name), expiresMs: Math.min(session.expiresMs, state.clock.now() + ttlMs(options)), callId: null });
      return handle;
    }),
    'scratch.state': needs((call, [id]) => (find(call, id) === null ? 'gone' : 'here')),
    'scratch.run': needs((call, [id, job, data]) => {
      required(call, id);
      state.jobs.push(queuedJob(state, call, job as string, data as JsonObject, {}));
    }),
    'scratch.end': needs((call, [id]) => {
      if (find(call, id) !== null) state.scratch.delete(id as string);
    }),
  };
}

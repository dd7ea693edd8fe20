import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import type { StoredFile } from '../../context.ts';
import { NotFound, ValidationError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { chunkBytes } from '../../runtime/streams.ts';
import { capabilityMissing } from '../../runtime/capabilities.ts';
import type { CallStream, FakeHostCall, FileContent, HarnessCall, HarnessState } from '../state.ts';

/** Facts about content as the host would state them. */
export async function fileContent(state: HarnessState, tenantId: string, bytes: Uint8Array, declaredType: string | null): Promise<FileContent> {
  const sniffed = await fileTypeFromBuffer(bytes);
  const file: StoredFile = {
    id: state.ids.record(),
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mimeType: sniffed?.mime ?? declaredType ?? 'application/octet-stream',
    declaredType,
  };
  return { file, tenantId, bytes };
}

/** Content behind a file's id or a handle. @throws NOT_FOUND also for what is another tenant's or has expired. */
export function contentOf(state: HarnessState, tenantId: string, callId: string | null, file: string): FileContent {
  const handle = state.handles.get(file);
  const usable = handle !== undefined && (handle.callId === null || handle.callId === callId) && (handle.expiresMs === null || handle.expiresMs > state.clock.now());
  const content = usable ? handle.content : state.files.get(file);
  if (content === undefined || content.tenantId !== tenantId) throw NotFound({ message: 'There is no such file.' });
  return content;
}

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
}

/** A stream that the handler reads. */
export function readable(bytes: Uint8Array): CallStream {
  const source = chunks(bytes);
  return {
    async pull() {
      const next = source.next();
      return next.done === true ? null : next.value;
    },
  };
}

export function addStream(call: HarnessCall, stream: CallStream): number {
  const id = call.streams.size === 0 ? 1 : Math.max(...call.streams.keys()) + 1;
  call.streams.set(id, stream);
  return id;
}

/** `ctx.files`. */
export function fileCalls(state: HarnessState) {
  const needs =
    (capability: 'files:read' | 'files:write', run: FakeHostCall): FakeHostCall =>
    (call, args) => {
      if (!state.grants.has(capability)) throw capabilityMissing(capability);
      return run(call, args);
    };

  const own = (call: HarnessCall, id: string): FileContent => {
    const content = state.files.get(id);
    if (content === undefined || content.tenantId !== call.tenantId) throw NotFound({ message: 'There is no such file.' });
    return content;
  };

  function writer(call: HarnessCall, declaredType: string | null): CallStream {
    const parts: Uint8Array[] = [];
    return {
      push: (chunk) => void parts.push(chunk.slice()),
      async finish() {
        const content = await fileContent(state, call.tenantId, new Uint8Array(Buffer.concat(parts)), declaredType);
        state.files.set(content.file.id, content);
        return content.file;
      },
    };
  }

  return {
    'files.open': needs('files:read', (call, [file, range]) => {
      const { start, end } = range as { start: number; end: number | null };
      return addStream(call, readable(contentOf(state, call.tenantId, call.id, file as string).bytes.subarray(start, end ?? undefined)));
    }),
    'files.create': needs('files:write', (call, [init]) => addStream(call, writer(call, (init as { mimeType: string | null }).mimeType))),
    'files.finish': needs('files:write', async (call, [id]) => {
      const stream = call.streams.get(id as number);
      if (stream?.finish === undefined) throw ValidationError({ message: 'This stream is not open for writing.' });
      call.streams.delete(id as number);
      return (await stream.finish()) as unknown as Json;
    }),
    'files.stat': needs('files:read', (call, [file]) => contentOf(state, call.tenantId, call.id, file as string).file as unknown as Json),
    'files.keep': needs('files:write', (call, [handle]) => {
      const content = contentOf(state, call.tenantId, call.id, handle as string);
      const kept = { ...content, file: { ...content.file, id: state.ids.record() } };
      state.files.set(kept.file.id, kept);
      return kept.file as unknown as Json;
    }),
    'files.share': needs('files:read', (call, [file, options]) => {
      const { ttlSeconds } = options as { ttlSeconds: number };
      if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > 86_400) throw ValidationError({ message: 'ttlSeconds: must be 1 to 86400', details: { field: 'ttlSeconds', issue: 'must be 1 to 86400' } });
      const handle = `handle-${state.ids.record()}`;
      state.handles.set(handle, { content: contentOf(state, call.tenantId, call.id, file as string), expiresMs: state.clock.now() + ttlSeconds * 1000, callId: null });
      return handle;
    }),
    'files.delete': needs('files:write', (call, [id]) => void state.files.delete(own(call, id as string).file.id)),
    'stream.close': (call: HarnessCall, [id]: readonly Json[]) => void call.streams.delete(id as number),
  };
}

import { ValidationError, type Json } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { Blobs } from '../../storage/contract.ts';
import type { Scratch, ScratchReader } from '../../storage/scratch/index.ts';
import type { PluginCall } from '../call.ts';
import type { Quotas } from '../quotas.ts';
import { hostCall, ownerOf } from './host-call.ts';
import { addStream, readable, streamOf } from './streams.ts';

const File = Type.String({ minLength: 1, maxLength: 1024 });
const json = (value: unknown): Json => value as Json;

/** `ctx.files`. What a handle opens, the store decides; here is only who may ask. */
export function fileCalls({ blobs, scratch, quotas, maxFileBytes }: { blobs: Blobs; scratch: Scratch; quotas: Quotas; maxFileBytes: number }) {
  const reader = (call: PluginCall): ScratchReader => ({ ...ownerOf(call), confined: call.provenance.confined === true });
  return {
    'files.open': hostCall(Type.Tuple([File, Type.Object({ start: Type.Integer({ minimum: 0 }), end: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]) })]), 'files:read', async (call, [file, range]) =>
      addStream(call, readable(scratch.isHandle(file) ? scratch.open(reader(call), file, range) : await blobs.open(ownerOf(call), file, range))),
    ),
    'files.create': hostCall(Type.Tuple([Type.Object({ mimeType: Type.Union([Type.String({ maxLength: 100 }), Type.Null()]) })]), 'files:write', async (call, [{ mimeType }]) => {
      const owner = ownerOf(call);
      await quotas.require(owner, call.version.limits, 'storedBytes', 1, async () => (await blobs.usage(owner)).bytes);
      const writer = await blobs.create(owner, { declaredType: mimeType, maxBytes: maxFileBytes });
      return addStream(call, {
        push: (chunk) => writer.write(chunk),
        async finish() {
          const file = await writer.finish();
          quotas.add(owner, 'storedBytes', file.sizeBytes);
          return json(file);
        },
        close: () => writer.abort(),
      });
    }),
    'files.finish': hostCall(Type.Tuple([Type.Integer()]), 'files:write', async (call, [id]) => {
      const stream = streamOf(call, id);
      if (stream.finish === undefined) throw ValidationError({ message: 'This stream is for reading.' });
      const file = await stream.finish();
      call.streams.delete(id);
      return file;
    }),
    'files.stat': hostCall(Type.Tuple([File]), 'files:read', async (call, [file]) => json(scratch.isHandle(file) ? scratch.stat(reader(call), file) : await blobs.stat(ownerOf(call), file))),
    'files.keep': hostCall(Type.Tuple([File]), 'files:write', async (call, [handle]) => {
      const owner = ownerOf(call);
      await quotas.require(owner, call.version.limits, 'storedBytes', (await blobs.stat(owner, handle)).sizeBytes, async () => (await blobs.usage(owner)).bytes);
      const file = await blobs.keep(owner, handle);
      quotas.add(owner, 'storedBytes', file.sizeBytes);
      return json(file);
    }),
    'files.share': hostCall(Type.Tuple([File, Type.Object({ ttlSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }) })]), 'files:read', (call, [file, { ttlSeconds }]) => blobs.share(ownerOf(call), file, ttlSeconds)),
    'files.delete': hostCall(Type.Tuple([File]), 'files:write', async (call, [file]) => {
      const owner = ownerOf(call);
      const { sizeBytes } = await blobs.stat(owner, file);
      await blobs.delete(owner, file);
      quotas.add(owner, 'storedBytes', -sizeBytes);
    }),
  };
}

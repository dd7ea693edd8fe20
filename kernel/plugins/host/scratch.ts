import { NotFound, ValidationError, type Json, type JsonObject } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { Scratch } from '../../storage/scratch/index.ts';
import type { PluginCall } from '../call.ts';
import { hostCall, ownerOf } from './host-call.ts';
import type { RunLocally } from '../local-work.ts';
import { addStream, readable, streamOf } from './streams.ts';

const Session = Type.String({ minLength: 1, maxLength: 100 });
const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,49}$' });
const Ttl = Type.Object({ ttlSeconds: Type.Integer({ minimum: 1, maximum: 3_600 }) });
const json = (value: unknown): Json => value as Json;
const iso = (atMs: number): string => new Date(atMs).toISOString();

export interface ScratchDeps {
  scratch: Scratch;
  maxFileBytes: number;
  runLocally: RunLocally;
  dataProblem(call: PluginCall, job: string, data: unknown): { field: string; issue: string } | null;
}

/** `ctx.scratch`. */
export function scratchCalls({ scratch, maxFileBytes, runLocally, dataProblem }: ScratchDeps) {
  return {
    'scratch.create': hostCall(Type.Tuple([Ttl]), 'scratch', async (call, [{ ttlSeconds }]) => {
      const { id, expiresAt } = await scratch.create(ownerOf(call), ttlSeconds * 1000);
      return { id, expiresAt: iso(expiresAt) };
    }),
    'scratch.keep': hostCall(Type.Tuple([Type.String({ minLength: 1, maxLength: 1024 }), Ttl]), 'scratch', async (call, [handle, { ttlSeconds }]) => {
      const { id, expiresAt, file } = await scratch.keep(ownerOf(call), handle, ttlSeconds * 1000);
      return { id, expiresAt: iso(expiresAt), file: json(file) };
    }),
    'scratch.begin': hostCall(Type.Tuple([Session, Name, Type.Object({ mimeType: Type.Union([Type.String({ maxLength: 100 }), Type.Null()]) })]), 'scratch', async (call, [session, name, { mimeType }]) => {
      const writer = await scratch.write(ownerOf(call), session, name, { declaredType: mimeType, maxBytes: maxFileBytes });
      return addStream(call, {
        push: (chunk) => writer.write(chunk),
        async finish() {
          const { sizeBytes, sha256, mimeType: found, declaredType } = await writer.finish();
          return { id: name, sizeBytes, sha256, mimeType: found, declaredType };
        },
        close: () => writer.abort(),
      });
    }),
    'scratch.finish': hostCall(Type.Tuple([Type.Integer()]), 'scratch', async (call, [id]) => {
      const stream = streamOf(call, id);
      if (stream.finish === undefined) throw ValidationError({ message: 'This stream is for reading.' });
      const file = await stream.finish();
      call.streams.delete(id);
      return file;
    }),
    'scratch.open': hostCall(Type.Tuple([Session, Name]), 'scratch', async (call, [session, name]) => addStream(call, readable(scratch.read(ownerOf(call), session, name)))),
    'scratch.share': hostCall(Type.Tuple([Session, Name, Ttl]), 'scratch', async (call, [session, name, { ttlSeconds }]) => scratch.share(ownerOf(call), session, name, ttlSeconds * 1000)),
    'scratch.state': hostCall(Type.Tuple([Session]), 'scratch', (call, [session]) => scratch.state(ownerOf(call), session)),
    'scratch.run': hostCall(Type.Tuple([Session, Type.String({ minLength: 1, maxLength: 50 }), Type.Record(Type.String(), Type.Unknown())]), 'scratch', async (call, [session, name, data]) => {
      if (!Object.hasOwn(call.version.manifest.jobs, name)) throw NotFound({ message: `The job ${name} is not declared in the manifest.` });
      const problem = dataProblem(call, name, data);
      if (problem !== null) throw ValidationError({ message: `The data of the job ${name} is not valid.`, details: problem });
      runLocally(call, name, data as JsonObject, scratch.signal(ownerOf(call), session));
    }),
    'scratch.end': hostCall(Type.Tuple([Session]), 'scratch', (call, [session]) => scratch.end(ownerOf(call), session)),
  };
}

import { Conflict, NotFound, ValidationError } from '@proofpix/sdk';
import { Type } from 'typebox';
import type { CallStream, PluginCall } from '../call.ts';
import { hostCall } from './host-call.ts';

/** Streams a call may hold open at once. */
const maxStreams = 16;

/** Registers a stream with the call, which closes what is left open at its end. */
export function addStream(call: PluginCall, stream: CallStream): number {
  if (call.streams.size >= maxStreams) {
    void stream.close();
    throw Conflict({ message: `A call may hold ${maxStreams} streams open.` });
  }
  const id = call.nextStream++;
  call.streams.set(id, stream);
  return id;
}

export function streamOf(call: PluginCall, id: number): CallStream {
  const stream = call.streams.get(id);
  if (stream === undefined) throw NotFound({ message: 'There is no such stream in this call.' });
  return stream;
}

/** A stream that the handler reads from `source`. */
export function readable(source: AsyncIterable<Uint8Array>, close: () => Promise<void> = async () => undefined): CallStream {
  const iterator = source[Symbol.asyncIterator]();
  let pulling = false;
  return {
    async pull() {
      if (pulling) throw Conflict({ message: 'A stream is read one chunk after the other.' });
      pulling = true;
      try {
        const next = await iterator.next();
        return next.done === true ? null : next.value;
      } finally {
        pulling = false;
      }
    },
    async close() {
      await iterator.return?.();
      await close();
    },
  };
}

export async function pullStream(call: PluginCall, id: number): Promise<Uint8Array | null> {
  const stream = streamOf(call, id);
  if (stream.pull === undefined) throw ValidationError({ message: 'This stream is for writing.' });
  const chunk = await stream.pull();
  if (chunk === null) {
    call.streams.delete(id);
    await stream.close();
  }
  return chunk;
}

export async function pushStream(call: PluginCall, id: number, chunk: Uint8Array): Promise<void> {
  const stream = streamOf(call, id);
  if (stream.push === undefined) throw ValidationError({ message: 'This stream is for reading.' });
  await stream.push(chunk);
}

export const streamCalls = {
  'stream.close': hostCall(Type.Tuple([Type.Integer()]), null, async (call, [id]) => {
    const stream = call.streams.get(id);
    call.streams.delete(id);
    await stream?.close();
  }),
};

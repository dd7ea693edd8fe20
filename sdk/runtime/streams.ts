import type { Bytes, Files, StoredFile } from '../context.ts';
import type { HostPort } from './port.ts';

/** Largest chunk that crosses the wall at once; larger ones are cut. */
export const chunkBytes = 262_144;

/** Reads a host stream; leaving the loop early closes it. */
export async function* readStream(port: HostPort, open: () => Promise<number>): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = await open();
  let ended = false;
  try {
    for (;;) {
      const chunk = await port.pull(stream);
      if (chunk === null) {
        ended = true;
        return;
      }
      yield chunk;
    }
  } finally {
    if (!ended) await port.call('stream.close', [stream]);
  }
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes content into a stream that the host opened, and finishes it; a write that fails half-way leaves nothing. */
export async function writeStream(port: HostPort, stream: number, content: Bytes | Uint8Array, finish: 'files.finish' | 'scratch.finish'): Promise<StoredFile> {
  let finished = false;
  try {
    const source: Bytes = content instanceof Uint8Array ? single(content) : content;
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += chunkBytes) await port.push(stream, chunk.subarray(at, at + chunkBytes));
    }
    finished = true;
    return (await port.call(finish, [stream])) as unknown as StoredFile;
  } finally {
    if (!finished) await port.call('stream.close', [stream]);
  }
}

/** `ctx.files` over a port. */
export function filesOver(port: HostPort): Files {
  return {
    async write(content, options = {}) {
      const stream = (await port.call('files.create', [{ mimeType: options.mimeType ?? null }])) as number;
      return writeStream(port, stream, content, 'files.finish');
    },
    read: (file, range = {}) => readStream(port, async () => (await port.call('files.open', [file, { start: range.start ?? 0, end: range.end ?? null }])) as number),
    stat: async (file) => (await port.call('files.stat', [file])) as unknown as StoredFile,
    keep: async (handle) => (await port.call('files.keep', [handle])) as unknown as StoredFile,
    share: async (file, options) => (await port.call('files.share', [file, { ttlSeconds: options.ttlSeconds }])) as string,
    async delete(id) {
      await port.call('files.delete', [id]);
    },
  };
}

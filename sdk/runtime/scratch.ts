import type { Scratch, ScratchSession, StoredFile } from '../context.ts';
import type { HostPort } from './port.ts';
import { readStream, writeStream } from './streams.ts';

/** `ctx.scratch` over a port. */
export function scratchOver(port: HostPort): Scratch {
  return {
    create: async ({ ttlSeconds }) => (await port.call('scratch.create', [{ ttlSeconds }])) as unknown as ScratchSession,
    keep: async (handle, { ttlSeconds }) => (await port.call('scratch.keep', [handle, { ttlSeconds }])) as unknown as ScratchSession & { file: StoredFile },
    async write(session, name, content, options = {}) {
      const stream = (await port.call('scratch.begin', [session, name, { mimeType: options.mimeType ?? null }])) as number;
      return writeStream(port, stream, content, 'scratch.finish');
    },
    read: (session, name) => readStream(port, async () => (await port.call('scratch.open', [session, name])) as number),
    share: async (session, name, { ttlSeconds }) => (await port.call('scratch.share', [session, name, { ttlSeconds }])) as string,
    state: async (session) => (await port.call('scratch.state', [session])) as 'here' | 'elsewhere' | 'gone',
    async run(session, job, data) {
      await port.call('scratch.run', [session, job, data]);
    },
    async end(session) {
      await port.call('scratch.end', [session]);
    },
  };
}

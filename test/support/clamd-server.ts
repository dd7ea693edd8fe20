import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Teardown } from './database.ts';

/** The EICAR test file (eicar.org), which every scanner takes for malware; put together here so that none takes this file for one. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join('');

export interface ClamdServer {
  /** `tcp://127.0.0.1:<port>` or `unix:///<path>`. */
  url: string;
  /** Commands in the order in which they came. */
  readonly commands: string[];
  /** Bytes of each stream that was scanned to its end. */
  readonly scannedBytes: number[];
  /** Scans under way now, and the most there were. */
  readonly scans: { now: number; most: number };
  close(): Promise<void>;
}

export interface ClamdOptions {
  unix?: boolean;
  /** StreamMaxLength; default 25 MiB as in clamd.conf(5). */
  streamMaxLength?: number;
  /** Told instead of a verdict. */
  answer?: string;
  /** `silent` never answers a stream, `hangs-up` closes it, `loses-reply` closes it without a word at the limit. */
  behaviour?: 'silent' | 'hangs-up' | 'loses-reply';
  /** A verdict waits for it. */
  before?: () => Promise<void>;
}

/**
 * Speaks the protocol of clamd(8): PING, VERSION and INSTREAM with commands that begin with `z` (ended by NUL) or `n`
 * (ended by a line feed), replies ended alike, chunks with their length in 4 bytes in network byte order, a stream ended by a
 * chunk of no bytes, and `INSTREAM size limit exceeded. ERROR` followed by the end of the connection. The only malware
 * it knows is EICAR's test file.
 */
export async function clamdServer(t: Teardown, { unix = false, streamMaxLength = 26_214_400, answer, behaviour, before }: ClamdOptions = {}): Promise<ClamdServer> {
  const commands: string[] = [];
  const scannedBytes: number[] = [];
  const scans = { now: 0, most: 0 };
  const sockets = new Set<Socket>();

  async function serve(socket: Socket): Promise<void> {
    let buffered = Buffer.alloc(0);
    const chunks = socket[Symbol.asyncIterator]();
    const more = async (): Promise<boolean> => {
      const { value, done } = (await chunks.next()) as IteratorResult<Buffer>;
      if (done !== true) buffered = Buffer.concat([buffered, value]);
      return done !== true;
    };
    const take = async (length: number): Promise<Buffer | null> => {
      while (buffered.length < length) if (!(await more())) return null;
      const taken = buffered.subarray(0, length);
      buffered = buffered.subarray(length);
      return taken;
    };

    while (buffered.length === 0) if (!(await more())) return;
    const end = buffered[0] === 0x7a ? 0 : 0x0a;
    while (!buffered.includes(end)) if (!(await more())) return;
    const length = buffered.indexOf(end);
    const command = buffered.toString('latin1', 1, length);
    buffered = buffered.subarray(length + 1);
    commands.push(command);
    const reply = (text: string): void => void socket.end(Buffer.concat([Buffer.from(text), Buffer.of(end)]));
    if (command === 'PING') return reply('PONG');
    if (command === 'VERSION') return reply('ClamAV 1.4.3/27700/Sun Jul 13 08:33:23 2025');
    if (command !== 'INSTREAM') return reply('UNKNOWN COMMAND');

    scans.now += 1;
    scans.most = Math.max(scans.most, scans.now);
    try {
      const stream: Buffer[] = [];
      let bytes = 0;
      for (;;) {
        const head = await take(4);
        if (head === null) return;
        const size = head.readUInt32BE();
        if (size === 0) break;
        if (bytes + size > streamMaxLength) {
          if (behaviour === 'loses-reply') return void socket.resetAndDestroy();
          return reply('INSTREAM size limit exceeded. ERROR');
        }
        const chunk = await take(size);
        if (chunk === null) return;
        bytes += size;
        stream.push(chunk);
        if (behaviour === 'hangs-up') return void socket.destroy();
      }
      if (behaviour === 'silent') return await new Promise((resolve) => socket.once('close', resolve));
      await before?.();
      scannedBytes.push(bytes);
      reply(answer ?? (Buffer.concat(stream).includes(eicar) ? 'stream: Win.Test.EICAR_HDB-1 FOUND' : 'stream: OK'));
    } finally {
      scans.now -= 1;
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  const path = join(tmpdir(), `clamd-${randomUUID()}.sock`);
  await new Promise<void>((resolve) => (unix ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)));
  const address = server.address();
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.teardown(close);
  return { url: unix ? `unix://${path}` : `tcp://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, commands, scannedBytes, scans, close };
}

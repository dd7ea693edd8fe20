import type { Bytes } from '@proofpix/sdk';
import { ScannerUnavailable } from '../errors.ts';
import type { ClamdAddress } from './clamd-address.ts';
import { openClamd } from './clamd-connection.ts';

/** What clamd says of a stream; `too-large` is beyond its StreamMaxLength. */
export type ClamdVerdict = { verdict: 'clean' } | { verdict: 'infected'; signature: string } | { verdict: 'too-large' };

export interface Clamd {
  /** @throws SCANNER_UNAVAILABLE, DEADLINE_EXCEEDED, and whatever reading the content throws */
  scan(content: Bytes, deadlineMs: number): Promise<ClamdVerdict>;
  /** Engine and signatures, e.g. `ClamAV 1.4.3/27700/Sun Jul 13 08:33:23 2025`. @throws like scan */
  version(deadlineMs: number): Promise<string>;
}

/** Below this no scanner's limit lies: one who hangs up earlier has another reason. */
const leastLimitBytes = 1_048_576;

function verdictOf(reply: string): ClamdVerdict {
  if (/^stream: OK$/.test(reply)) return { verdict: 'clean' };
  const [, signature] = /^stream: (.+) FOUND$/.exec(reply) ?? [];
  if (signature !== undefined) return { verdict: 'infected', signature: signature.slice(0, 255) };
  if (/size limit exceeded/i.test(reply)) return { verdict: 'too-large' };
  throw ScannerUnavailable({ cause: reply });
}

/** The length of a chunk before it, as INSTREAM wants it: 4 bytes, most significant first. Zero ends the stream. */
function lengthOf(bytes: number): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes);
  return head;
}

/** A client of INSTREAM of our own: the packages there are neither end a scan at a deadline nor tell what is too large from what failed. */
export function createClamd(address: ClamdAddress): Clamd {
  async function ask(command: string, deadlineMs: number): Promise<string | null> {
    const connection = await openClamd(address, command, deadlineMs);
    try {
      return await connection.reply();
    } finally {
      connection.close();
    }
  }

  /** Whether a clamd that hung up is still there: then it hung up because it had enough. */
  const isAlive = async (deadlineMs: number): Promise<boolean> => (await ask('PING', deadlineMs)) === 'PONG';

  return {
    async version(deadlineMs) {
      const reply = await ask('VERSION', deadlineMs);
      if (reply === null || reply === '' || reply.endsWith('ERROR')) throw ScannerUnavailable({ cause: reply });
      return reply.slice(0, 255);
    },
    async scan(content, deadlineMs) {
      const connection = await openClamd(address, 'INSTREAM', deadlineMs);
      let sentBytes = 0;
      let reply: string | null;
      try {
        let wanted = true;
        for await (const chunk of content) {
          if (chunk.length === 0) continue;
          await connection.write(lengthOf(chunk.length));
          wanted = await connection.write(chunk);
          sentBytes += chunk.length;
          if (!wanted) break;
        }
        if (wanted) await connection.write(lengthOf(0));
        reply = await connection.reply();
      } finally {
        connection.close();
      }
      if (reply !== null) return verdictOf(reply);
      // the reply can be lost when clamd closes on bytes it has not read (a TCP reset drops what was on its way)
      if (sentBytes > leastLimitBytes && (await isAlive(deadlineMs))) return { verdict: 'too-large' };
      throw ScannerUnavailable();
    },
  };
}

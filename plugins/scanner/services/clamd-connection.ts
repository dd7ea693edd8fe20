import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { DeadlineExceeded } from '@proofpix/sdk';
import { ScannerUnavailable } from '../errors.ts';
import type { ClamdAddress } from './clamd-address.ts';

/** One command to clamd and its reply, as clamd(8) has it: `z` before the command, NUL after it and after the reply. */
export interface ClamdConnection {
  /** False once clamd has replied or hung up: it wants no more. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Without its NUL; null when clamd hung up without one. */
  reply(): Promise<string | null>;
  close(): void;
}

const connectMs = 5000;
/** Replies are one line. */
const maxReplyBytes = 4096;

/**
 * @param deadlineMs since the epoch; everything that waits then fails
 * @throws SCANNER_UNAVAILABLE when nobody answers there, DEADLINE_EXCEEDED
 */
export async function openClamd(address: ClamdAddress, command: string, deadlineMs: number): Promise<ClamdConnection> {
  const socket = connect(address);
  let received = '';
  let late: 'connecting' | 'waiting' | null = 'connecting';
  let timer = setTimeout(() => socket.destroy(), Math.max(1, Math.min(connectMs, deadlineMs - Date.now())));
  let isOver = false;
  const over = Promise.withResolvers<void>();
  const end = (): void => {
    isOver = true;
    over.resolve();
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('utf8');
    if (received.includes('\0') || received.length > maxReplyBytes) end();
  });
  // who hangs up has often said why before, so what was received decides
  socket.on('error', end);
  socket.on('close', end);
  await connected(socket);
  clearTimeout(timer);
  late = null;
  timer = setTimeout(() => {
    late = 'waiting';
    socket.destroy();
  }, Math.max(1, deadlineMs - Date.now()));
  socket.write(`z${command}\0`);
  return {
    async write(bytes) {
      if (isOver) return false;
      if (!socket.write(bytes)) await Promise.race([once(socket, 'drain').catch(() => undefined), over.promise]);
      return !isOver;
    },
    async reply() {
      await over.promise;
      if (late === 'waiting') throw DeadlineExceeded({ message: 'The malware scanner took too long.' });
      const length = received.indexOf('\0');
      return length === -1 ? null : received.slice(0, length);
    },
    close() {
      clearTimeout(timer);
      socket.destroy();
    },
  };
}

async function connected(socket: Socket): Promise<void> {
  const settled = Promise.withResolvers<void>();
  socket.once('connect', settled.resolve);
  socket.once('error', (cause) => settled.reject(ScannerUnavailable({ cause })));
  socket.once('close', () => settled.reject(ScannerUnavailable()));
  await settled.promise;
}

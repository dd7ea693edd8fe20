import type { WebSocket } from 'ws';
import type { LoggedMessage } from './log.ts';

/** Why the server closes a socket, with the close code (RFC 6455, section 7.4; 4000 and up are ours). */
export const disconnectReasons = {
  'server-stopping': { code: 1001, resume: true },
  'slow-consumer': { code: 4000, resume: true },
  unauthenticated: { code: 4001, resume: false },
  'authenticate-timeout': { code: 4002, resume: false },
  'token-expired': { code: 4003, resume: true },
  revoked: { code: 4004, resume: false },
  'too-many-sockets': { code: 4005, resume: false },
  flood: { code: 4006, resume: false },
  'binary-frame': { code: 1003, resume: false },
  'no-heartbeat': { code: 4007, resume: true },
  internal: { code: 1011, resume: true },
} as const;

export type DisconnectReason = keyof typeof disconnectReasons;

/** The sending side of one socket, with a bound on what it may leave unread. */
export interface Outbound {
  /** A frame about the connection itself. */
  control(event: string, data: object, ref?: string | null): void;
  /** A message of the log; its id lets the client resume. */
  message(message: LoggedMessage): void;
  /** Resolves when the client has room again; false when it was closed instead. */
  drained(deadlineMs: number): Promise<boolean>;
  /** Tells why, then closes; a client that does not listen is cut off. Only the first call counts. */
  disconnect(reason: DisconnectReason, message?: string): void;
  closed(): boolean;
}

const cutOffMs = 2_000;
const drainPollMs = 20;

export function createOutbound(options: { socket: WebSocket; maxBufferedBytes: number; onDisconnect(reason: DisconnectReason): void }): Outbound {
  const { socket } = options;
  let closing = false;
  const isOpen = (): boolean => !closing && socket.readyState === socket.OPEN;

  const send = (frame: object): void => {
    if (!isOpen()) return;
    // asked before sending: one message larger than the buffer still goes out
    if (socket.bufferedAmount > options.maxBufferedBytes) disconnect('slow-consumer');
    else socket.send(JSON.stringify(frame));
  };
  function disconnect(reason: DisconnectReason, message?: string): void {
    if (closing) return;
    const { code, resume } = disconnectReasons[reason];
    // before anything else is sent: messages after a lost one would hide the loss
    closing = true;
    options.onDisconnect(reason);
    if (socket.readyState !== socket.OPEN) return socket.terminate();
    socket.send(JSON.stringify({ event: 'disconnect', data: { reason, resume, ...(message === undefined ? {} : { message }) }, id: null }));
    socket.close(code, reason);
    const timer = setTimeout(() => socket.terminate(), cutOffMs);
    socket.once('close', () => clearTimeout(timer));
  }
  return {
    control: (event, data, ref) => send({ event, data, id: null, ...(ref == null ? {} : { ref }) }),
    message: ({ event, data, seq }) => send({ event, data, id: String(seq) }),
    async drained(deadlineMs) {
      const half = options.maxBufferedBytes / 2;
      for (const end = Date.now() + deadlineMs; isOpen() && socket.bufferedAmount > half; ) {
        if (Date.now() > end) {
          disconnect('slow-consumer');
          return false;
        }
        await new Promise((resolve) => setTimeout(resolve, drainPollMs));
      }
      return isOpen();
    },
    disconnect,
    closed: () => closing || socket.readyState !== socket.OPEN,
  };
}

import { randomUUID } from 'node:crypto';
import { Conflict, Forbidden, PluginError, toWireError, Unauthorized } from '@proofpix/sdk';
import type { WebSocket } from 'ws';
import type { Auth, Credentials, Identity } from '../auth/contract.ts';
import type { Logger } from '../log.ts';
import type { FanOut } from './fan-out.ts';
import { type ClientFrame, parseFrame } from './frames.ts';
import { createFrameMeter, type RealtimeLimits } from './limits.ts';
import { roomAddress } from './log.ts';
import { createMembership, type Membership } from './membership.ts';
import { createOutbound, type DisconnectReason } from './outbound.ts';
import { tokenExpiryMs } from './token-expiry.ts';

/** One socket. */
export interface Session {
  readonly id: string;
  /** Null until it has authenticated. */
  identity(): Identity | null;
  disconnect(reason: DisconnectReason, message?: string): void;
}

export interface SessionOptions {
  socket: WebSocket;
  /** of the upgrade request */
  credentials: Credentials;
  auth: Pick<Auth, 'authenticate'>;
  fanOut: FanOut;
  /** Whether this identity may listen to a room, e.g. `document:<id>`. */
  mayJoin(identity: Identity, room: string): Promise<boolean>;
  limits: RealtimeLimits;
  log: Pick<Logger, 'warn' | 'error'>;
  /** False when the principal has too many sockets already. */
  admit(session: Session, identity: Identity): boolean;
  ended(session: Session): void;
}

/** `setTimeout` takes no longer waits than this. */
const longestTimerMs = 2_147_483_647;
/** Frames that may wait for the one being answered. */
const maxWaitingFrames = 100;

/** Serves one socket until it closes. */
export function startSession(options: SessionOptions): Session {
  const { socket, limits, fanOut } = options;
  const id = randomUUID();
  const meter = createFrameMeter(limits);
  const outbound = createOutbound({ socket, maxBufferedBytes: limits.maxBufferedBytes, onDisconnect: () => end() });
  let identity: Identity | null = null;
  let membership: Membership | undefined;
  let entered = false;
  let over = false;
  let expiry: NodeJS.Timeout | undefined;
  const patience = setTimeout(() => outbound.disconnect('authenticate-timeout'), limits.authenticateTimeoutMs);

  function end(): void {
    if (over) return;
    over = true;
    clearTimeout(patience);
    clearTimeout(expiry);
    clearInterval(heartbeat);
    membership?.end();
    if (entered) fanOut.exit();
    options.ended(session);
  }

  const refuse = (error: unknown, ref: string | null): void => {
    const wire = toWireError(error);
    if (wire.kind === 'internal') options.log.error({ err: error, connectionId: id }, 'a frame was not answered');
    outbound.control('error', { error: wire.code, message: wire.message, details: wire.details ?? {}, requestId: id }, ref);
  };

  const requireRoom = async (who: Identity, room: string): Promise<void> => {
    if (!(await options.mayJoin(who, room))) throw Forbidden({ details: { room } });
  };

  const authenticate = async (credentials: Credentials, resume: { lastId: bigint | null; rooms: readonly string[] }, ref: string | null): Promise<void> => {
    if (membership) throw Conflict({ message: 'This socket has authenticated already.' });
    const who = await options.auth.authenticate(credentials);
    if (!who) throw Unauthorized();
    const expiresAt = tokenExpiryMs(credentials.authorization);
    if (expiresAt !== null && expiresAt <= Date.now()) throw Unauthorized();
    for (const room of resume.rooms) await requireRoom(who, room);
    if (over) return;
    if (!options.admit(session, who)) return outbound.disconnect('too-many-sockets');
    identity = who;
    clearTimeout(patience);
    if (expiresAt !== null) expiry = setTimeout(() => outbound.disconnect('token-expired'), Math.min(expiresAt - Date.now(), longestTimerMs));
    // counted before waiting: an end meanwhile must give it back
    entered = true;
    await fanOut.enter().catch((error: unknown) => {
      entered = false;
      throw error;
    });
    if (over) return;
    membership = createMembership({ fanOut, outbound, tenantId: who.tenantId, userId: who.principal.userId, maxPending: limits.maxPending, maxReplay: limits.maxReplay });
    for (const room of resume.rooms) membership.joinRoom(room);
    outbound.control('authenticate', { ok: true, userId: who.principal.userId, tenantId: who.tenantId, rooms: resume.rooms, lastId: String(fanOut.position()) }, ref);
    if (resume.lastId !== null) await catchUp(membership, resume.lastId, membership.addresses(), ref);
  };

  const catchUp = async (to: Membership, lastId: bigint, addresses: readonly string[], ref: string | null): Promise<void> => {
    const reason = await to.resume(lastId, addresses);
    if (reason !== null) outbound.control('resume-failed', { reason, lastId: String(lastId), retentionSeconds: fanOut.retentionMs / 1_000 }, ref);
  };

  const answer = async (frame: ClientFrame): Promise<void> => {
    if (frame.event === 'ping') return outbound.control('pong', {}, frame.ref);
    if (frame.event === 'authenticate') {
      const { token, apiKey, teamId, lastId, rooms } = frame.data;
      const credentials: Credentials = {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(apiKey === null ? {} : { apiKey }),
        ...(teamId === null ? {} : { teamId }),
        address: options.credentials.address,
      };
      return authenticate(credentials, { lastId, rooms }, frame.ref);
    }
    if (!membership || !identity) throw Unauthorized();
    const { room } = frame.data;
    if (frame.event === 'leave') {
      membership.leaveRoom(room);
      return outbound.control('leave', { room }, frame.ref);
    }
    if (!membership.rooms.has(room) && membership.rooms.size >= limits.maxRooms) {
      throw new PluginError({ code: 'QUOTA_EXCEEDED', kind: 'limited', message: `A socket joins at most ${limits.maxRooms} rooms.` });
    }
    await requireRoom(identity, room);
    if (over) return;
    membership.joinRoom(room);
    outbound.control('join', { room }, frame.ref);
    if (frame.data.lastId !== null) await catchUp(membership, frame.data.lastId, [roomAddress(room)], frame.ref);
  };

  // answered one after another: authenticate, then join, as they were sent
  let turn: Promise<void> = Promise.resolve();
  let waiting = 0;
  const take = (work: () => Promise<void>, ref: () => string | null): void => {
    waiting += 1;
    const before = turn;
    const next = async (): Promise<void> => {
      await before;
      try {
        if (!over) await work();
      } catch (error) {
        refuse(error, ref());
        // a wrong credential is not for trying on the same socket
        if (!membership && toWireError(error).kind !== 'invalid') outbound.disconnect('unauthenticated');
      } finally {
        waiting -= 1;
      }
    };
    turn = next();
  };

  let alive = true;
  const heartbeat = setInterval(() => {
    if (!alive) return outbound.disconnect('no-heartbeat');
    alive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, limits.heartbeatMs);
  socket.on('pong', () => void (alive = true));
  socket.on('close', end);
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, isBinary) => {
    alive = true;
    if (over) return;
    if (!meter.take() || waiting >= maxWaitingFrames) return outbound.disconnect('flood');
    if (isBinary) return outbound.disconnect('binary-frame');
    let ref: string | null = null;
    take(async () => {
      const frame = parseFrame(String(data));
      ref = frame.ref;
      await answer(frame);
    }, () => ref);
  });

  const session: Session = { id, identity: () => identity, disconnect: outbound.disconnect };
  outbound.control('connection', { connectionId: id, retentionSeconds: fanOut.retentionMs / 1_000, heartbeatSeconds: limits.heartbeatMs / 1_000, maxFrameBytes: limits.maxFrameBytes });
  const { authorization, apiKey } = options.credentials;
  if (authorization !== undefined || apiKey !== undefined) take(() => authenticate(options.credentials, { lastId: null, rooms: [] }, null), () => null);
  return session;
}

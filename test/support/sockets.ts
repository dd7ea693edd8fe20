import fastify, { type FastifyInstance } from 'fastify';
import { Unauthorized } from '@proofpix/sdk';
import { WebSocket } from 'ws';
import type { Auth, Identity } from '../../kernel/auth/contract.ts';
import type { Messaging } from '../../kernel/events/open-messaging.ts';
import { type RealtimeOptions, realtimeRoutes } from '../../kernel/realtime/routes.ts';
import type { Teardown } from './database.ts';
import { silent, until } from './messaging.ts';

export interface Frame {
  event: string;
  data: Record<string, unknown>;
  id: string | null;
  ref?: string;
}

/** A token that {@link tokenAuth} accepts: who, for which tenant, and until when. */
export const token = (userId: string, tenantId: string | null, change: { exp?: number; credentialId?: string } = {}): string =>
  ['head', Buffer.from(JSON.stringify({ userId, tenantId, ...change })).toString('base64url'), 'signed'].join('.');

export type TestAuth = Pick<Auth, 'authenticate' | 'onRevoked'> & { revoke(what: { credentialId?: string; userId?: string; tenantId?: string }): void };

/** Stands in for the auth module: tokens say who they are. */
export function tokenAuth(): TestAuth {
  const listeners: Parameters<Auth['onRevoked']>[0][] = [];
  return {
    async authenticate({ authorization, apiKey }) {
      if (authorization === undefined && apiKey === undefined) return null;
      try {
        const text = (authorization?.replace('Bearer ', '') ?? apiKey ?? '').split('.')[1] ?? '';
        const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as { userId: string; tenantId: string | null; credentialId?: string };
        const credentialId = claims.credentialId ?? `session-${claims.userId}`;
        return { principal: { kind: 'user', userId: claims.userId, credentialId, operator: false }, tenantId: claims.tenantId, role: 'member', roleGrant: null, customRoles: [], credentialId, impersonatorId: null, scope: null } satisfies Identity;
      } catch {
        throw Unauthorized();
      }
    },
    onRevoked: (listener) => void listeners.push(listener),
    revoke(what) {
      for (const listener of listeners) listener(what);
    },
  };
}

export interface TestServer {
  app: FastifyInstance;
  url: string;
  auth: TestAuth;
}

export async function listen(t: Teardown, node: Messaging, options: Partial<RealtimeOptions> = {}): Promise<TestServer> {
  const auth = tokenAuth();
  const app = fastify();
  await app.register(realtimeRoutes, { auth, fanOut: node.fanOut, log: silent, mayJoin: async () => true, ...options });
  t.teardown(() => app.close());
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, url: `${address.replace('http', 'ws')}/ws`, auth };
}

/** A client that keeps every frame. */
export class TestSocket {
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly socket: WebSocket;

  constructor(t: Teardown, url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers });
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }));
    this.socket.on('error', () => undefined);
    t.teardown(() => this.socket.terminate());
  }

  send(event: string, data: object = {}, ref?: string): void {
    this.socket.send(JSON.stringify({ event, data, ...(ref === undefined ? {} : { ref }) }));
  }

  of(event: string): Frame[] {
    return this.frames.filter((frame) => frame.event === event);
  }

  /** The nth frame of an event, waiting for it. */
  async next(event: string, count = 1): Promise<Frame> {
    await until(() => this.of(event).length >= count);
    const frame = this.of(event)[count - 1];
    if (!frame) throw new Error(`no ${event}`);
    return frame;
  }

  async end(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed);
    return this.closed ?? { code: 0, reason: '' };
  }
}

/** A client that has authenticated. */
export async function enter(t: Teardown, url: string, as: string, data: { lastId?: string; rooms?: string[] } = {}): Promise<TestSocket> {
  const client = new TestSocket(t, url);
  await client.next('connection');
  client.send('authenticate', { token: as, ...data });
  await client.next('authenticate');
  return client;
}

import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { type Manifest, Unavailable } from '@proofpix/sdk';
import type { Auth, Identity } from '../auth/contract.ts';
import { createKeptDocuments } from '../http/openapi/kept-documents.ts';
import type { Logger } from '../log.ts';
import { asyncApiDocument } from './async-api.ts';
import type { FanOut } from './fan-out.ts';
import { defaultLimits, type RealtimeLimits } from './limits.ts';
import { type Session, startSession } from './session.ts';

export interface RealtimeOptions {
  auth: Pick<Auth, 'authenticate' | 'onRevoked'>;
  fanOut: FanOut;
  /** Whether this identity may listen to a room, e.g. `document:<id>`. Deny by default. */
  mayJoin(identity: Identity, room: string): Promise<boolean>;
  log: Pick<Logger, 'warn' | 'error'>;
  limits?: Partial<RealtimeLimits>;
  /** For `/asyncapi.json`: what is enabled for a caller, and where the deployment is reached. Without it there is no such document. */
  describe?: { version: string; url(): string; manifestsFor(identity: Identity | null): readonly Manifest[] };
}

/** Keys and users count separately: a key is given to machines, and must not use up its owner's sockets. */
const principalOf = ({ principal, credentialId }: Identity): string =>
  principal.kind === 'user' ? `user:${principal.userId}` : `${principal.kind}:${credentialId ?? principal.credentialId ?? principal.userId}`;

const header = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/**
 * `/ws`: JSON frames `{event, data, id}`. Register it on the listening root. Closing the instance tells every client
 * that it may resume elsewhere.
 */
export async function realtimeRoutes(app: FastifyInstance, options: RealtimeOptions): Promise<void> {
  const limits = { ...defaultLimits, ...options.limits };
  const sessions = new Set<Session>();
  const perPrincipal = new Map<string, number>();
  let anonymous = 0;

  await app.register(websocket, {
    options: { maxPayload: limits.maxFrameBytes, perMessageDeflate: false },
    preClose: (done) => {
      for (const session of sessions) session.disconnect('server-stopping');
      app.websocketServer.close(() => done());
    },
    // an unclean end of a client is no error of ours
    errorHandler: (_error, socket) => socket.terminate(),
  });

  options.auth.onRevoked((revoked) => {
    for (const session of sessions) {
      const identity = session.identity();
      if (!identity) continue;
      const credentialMatches = revoked.credentialId === undefined || identity.credentialId === revoked.credentialId;
      const userMatches = revoked.userId === undefined || identity.principal.userId === revoked.userId;
      const tenantMatches = revoked.tenantId === undefined || identity.tenantId === revoked.tenantId;
      if (credentialMatches && userMatches && tenantMatches) session.disconnect('revoked');
    }
  });

  const { describe } = options;
  if (describe !== undefined) {
    const documentOf = createKeptDocuments((manifests, url) => asyncApiDocument({ version: describe.version, url, manifests }));
    app.get('/asyncapi.json', { config: { access: 'public', identify: true, operationId: 'kernel.asyncapi', summary: 'What sockets send and receive, as AsyncAPI 3.0' } }, async (request, reply) => {
      void reply.header('cache-control', 'private, no-cache').type('application/json; charset=utf-8');
      return documentOf(describe.manifestsFor(request.scope.identity), describe.url()).json;
    });
  }

  app.get('/ws', {
    websocket: true,
    // the first frame authenticates
    config: { access: 'public' },
    preValidation: async (request) => {
      if (request.ws && (sessions.size >= limits.maxSocketsPerNode || anonymous >= limits.maxAnonymous)) throw Unavailable({ message: 'This node has too many sockets.', retryAfterSeconds: 5 });
    },
  }, (socket, request) => {
    const { headers } = request;
    anonymous += 1;
    let counted: string | undefined;
    const session = startSession({
      socket, limits,
      auth: options.auth,
      fanOut: options.fanOut,
      mayJoin: options.mayJoin,
      log: options.log,
      credentials: { authorization: headers.authorization, apiKey: header(headers['x-api-key']), teamId: header(headers['x-team-id']), address: request.scope?.ip ?? request.ip },
      admit(_session, identity) {
        const key = principalOf(identity);
        const open = perPrincipal.get(key) ?? 0;
        if (open >= limits.maxSocketsPerPrincipal) return false;
        perPrincipal.set(key, open + 1);
        counted = key;
        anonymous -= 1;
        return true;
      },
      ended(ended) {
        sessions.delete(ended);
        if (counted === undefined) {
          anonymous -= 1;
          return;
        }
        const open = (perPrincipal.get(counted) ?? 1) - 1;
        if (open > 0) perPrincipal.set(counted, open);
        else perPrincipal.delete(counted);
      },
    });
    if (socket.readyState === socket.OPEN) sessions.add(session);
  });
}

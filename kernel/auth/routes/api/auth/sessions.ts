import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { requireOwner } from '../../../owner.ts';
import { SessionParams, SessionsReply } from '../../../schemas.ts';

export default async function ownSessions(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'account'> }): Promise<void> {
  fastify.get('/sessions', { config: { access: 'user', operationId: 'auth.listSessions', summary: 'Where one is logged in' }, schema: { response: { 200: SessionsReply } } }, async (request) => ({
    items: await auth.account.ownSessions.list(requireOwner(request.scope.identity)),
    nextCursor: null,
  }));

  fastify.delete<{ Params: { sessionId: string } }>('/sessions/:sessionId', { config: { access: 'user', operationId: 'auth.endSession', summary: 'End one of one’s own sessions' }, schema: { params: SessionParams } }, async (request, reply) => {
    await auth.account.ownSessions.end(requireOwner(request.scope.identity), request.params.sessionId.toLowerCase(), callerOf(request));
    return reply.code(204).send();
  });

  fastify.delete('/sessions', { config: { access: 'user', operationId: 'auth.endOtherSessions', summary: 'End all of one’s own sessions but this one' } }, async (request, reply) => {
    await auth.account.ownSessions.endOthers(requireOwner(request.scope.identity), callerOf(request));
    return reply.code(204).send();
  });
}

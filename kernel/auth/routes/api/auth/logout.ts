import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Unauthorized } from '@proofpix/sdk';
import type { OpenAuth } from '../../../open-auth.ts';
import { LogoutBody } from '../../../schemas.ts';

async function noBodyIsEmpty(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

/** By the refresh token, which still ends a session whose access token is over, or by the access token. */
export default async function logout(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.post<{ Body: { refreshToken?: string } }>(
    '/logout',
    { config: { access: 'public', identify: true, secretReply: true, operationId: 'auth.logout', summary: 'End the session' }, schema: { body: LogoutBody }, preValidation: noBodyIsEmpty },
    async (request, reply) => {
      const refreshToken = request.body.refreshToken;
      const identity = request.scope.identity;
      if (refreshToken !== undefined) await auth.accounts.logout(refreshToken);
      else if (identity?.principal.kind === 'user' && identity.credentialId !== null) await auth.accounts.logoutSession(identity.credentialId);
      else throw Unauthorized();
      return reply.code(204).send();
    },
  );
}

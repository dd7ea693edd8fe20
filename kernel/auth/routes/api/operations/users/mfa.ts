import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';

const Params = Type.Object({ userId: Type.String({ format: 'uuid' }) });

/** For people who lost everything. */
export default async function resetMfa(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'secondFactor'> }): Promise<void> {
  fastify.delete<{ Params: { userId: string } }>(
    '/:userId/mfa',
    { config: { access: 'operator', operationId: 'operations.resetMfa', summary: 'Remove a user’s second factors and passkeys and end their sessions' }, schema: { params: Params } },
    async (request, reply) => {
      await auth.secondFactor.reset(request.scope.identity, request.params.userId.toLowerCase(), callerOf(request));
      return reply.code(204).send();
    },
  );
}

import type { FastifyInstance } from 'fastify';
import { Forbidden } from '@proofpix/sdk';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { ChangePasswordBody } from '../../../schemas.ts';

export default async function changePassword(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.post<{ Body: { currentPassword: string; newPassword: string } }>(
    '/change-password',
    { config: { access: 'user', secretReply: true, operationId: 'auth.changePassword', summary: 'Change the password and end all other sessions' }, schema: { body: ChangePasswordBody } },
    async (request, reply) => {
      const { identity } = request.scope;
      // neither a program's key nor somebody acting for the user
      if (identity?.principal.kind !== 'user' || identity.impersonatorId !== null) throw Forbidden({ message: 'Only the user may change the password.' });
      await auth.accounts.changePassword(identity, request.body, callerOf(request));
      return reply.code(204).send();
    },
  );
}

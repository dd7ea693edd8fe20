import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { EmailBody, MessageReply, ResetPasswordBody } from '../../../schemas.ts';

const limit = { max: 60, windowMs: 60_000 };

export default async function resetPassword(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'account'> }): Promise<void> {
  fastify.post<{ Body: { email: string } }>(
    '/forgot-password',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.forgotPassword', summary: 'Ask for a mail to choose a new password' }, schema: { body: EmailBody, response: { 202: MessageReply } } },
    async (request, reply) => {
      auth.account.passwordReset.ask(request.body.email, callerOf(request));
      return reply.code(202).send({ message: 'If the address has an account, a mail is on its way.' });
    },
  );

  fastify.post<{ Body: { token: string; password: string } }>(
    '/reset-password',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.resetPassword', summary: 'Choose a new password with the token of a mail; ends every session' }, schema: { body: ResetPasswordBody } },
    async (request, reply) => {
      await auth.account.passwordReset.complete(request.body, callerOf(request));
      return reply.code(204).send();
    },
  );
}

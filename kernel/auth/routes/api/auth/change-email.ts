import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { requireOwner } from '../../../owner.ts';
import { ChangeEmailBody, EmailReply, MessageReply, TokenBody } from '../../../schemas.ts';

const limit = { max: 60, windowMs: 60_000 };

export default async function changeEmail(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'account'> }): Promise<void> {
  fastify.post<{ Body: { email: string; password: string } }>(
    '/change-email',
    { config: { access: 'user', secretReply: true, limit, operationId: 'auth.changeEmail', summary: 'Ask for another email address, which a mail to it confirms' }, schema: { body: ChangeEmailBody, response: { 202: MessageReply } } },
    async (request, reply) => {
      await auth.account.emailChange.ask(requireOwner(request.scope.identity), request.body, callerOf(request));
      return reply.code(202).send({ message: 'A mail is on its way to the new address. Follow its link to change to it.' });
    },
  );

  fastify.post<{ Body: { token: string } }>(
    '/change-email/confirm',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.confirmEmailChange', summary: 'Change to another email address with the token of a mail' }, schema: { body: TokenBody, response: { 200: EmailReply } } },
    async (request) => auth.account.emailChange.confirm(request.body.token, callerOf(request)),
  );
}

import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { EmailBody, EmailReply, MessageReply, TokenBody } from '../../../schemas.ts';

const limit = { max: 60, windowMs: 60_000 };

export default async function verifyEmail(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'account'> }): Promise<void> {
  fastify.post<{ Body: { token: string } }>(
    '/verify-email',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.verifyEmail', summary: 'Confirm an email address with the token of a mail' }, schema: { body: TokenBody, response: { 200: EmailReply } } },
    async (request) => auth.account.verification.verify(request.body.token, callerOf(request)),
  );

  fastify.post<{ Body: { email: string } }>(
    '/verify-email/resend',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.resendVerification', summary: 'Send the mail again that confirms an address' }, schema: { body: EmailBody, response: { 202: MessageReply } } },
    async (request, reply) => {
      auth.account.verification.resend(request.body.email);
      return reply.code(202).send({ message: 'If the address has an account and is still to be confirmed, a mail is on its way.' });
    },
  );
}

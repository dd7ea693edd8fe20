import type { FastifyInstance } from 'fastify';
import type { Registration } from '../../../accounts.ts';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { LoginReply, RegisterBody } from '../../../schemas.ts';

export default async function register(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.post<{ Body: Registration }>(
    '/register',
    { config: { access: 'public', secretReply: true, operationId: 'auth.register', summary: 'Make an account with a tenant of its own' }, schema: { body: RegisterBody, response: { 201: LoginReply } } },
    async (request, reply) => reply.code(201).send(await auth.accounts.register(request.body, callerOf(request))),
  );
}

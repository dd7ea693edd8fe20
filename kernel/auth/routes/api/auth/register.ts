import type { FastifyInstance } from 'fastify';
import type { Registration } from '../../../account/index.ts';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { RegisterBody, RegisterReply } from '../../../schemas.ts';

/** Counts per address: each request costs a password hash, and mail to whom the sender likes. */
const limit = { max: 120, windowMs: 60_000 };

export default async function register(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'account'> }): Promise<void> {
  fastify.post<{ Body: Registration }>(
    '/register',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.register', summary: 'Make an account with a tenant of its own; the answer is the same for an address that has one' }, schema: { body: RegisterBody, response: { 201: RegisterReply } } },
    async (request, reply) => reply.code(201).send(await auth.account.register(request.body, callerOf(request))),
  );
}

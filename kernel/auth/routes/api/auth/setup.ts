import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { LoginReply, SetupBody } from '../../../schemas.ts';

export default async function setup(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'setup'> }): Promise<void> {
  fastify.post<{ Body: { token: string; email: string; password: string } }>(
    '/setup',
    { config: { access: 'public', secretReply: true, operationId: 'auth.setup', summary: 'Make the first operator with the token printed at boot' }, schema: { body: SetupBody, response: { 201: LoginReply } } },
    async (request, reply) => reply.code(201).send(await auth.setup.complete(request.body, callerOf(request))),
  );
}

import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import type { OpenAuth } from '../../../open-auth.ts';
import { LoginBody } from '../../../schemas.ts';
import { SignInReply } from '../../../second-factor/schemas.ts';

export default async function login(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.post<{ Body: { email: string; password: string } }>(
    '/login',
    { config: { access: 'public', secretReply: true, operationId: 'auth.login', summary: 'Log in with email and password' }, schema: { body: LoginBody, response: { 200: SignInReply } } },
    async (request) => auth.accounts.login(request.body, callerOf(request)),
  );
}

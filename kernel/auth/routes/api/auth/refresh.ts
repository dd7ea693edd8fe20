import type { FastifyInstance } from 'fastify';
import type { OpenAuth } from '../../../open-auth.ts';
import { LoginReply, RefreshBody } from '../../../schemas.ts';

export default async function refresh(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.post<{ Body: { refreshToken: string } }>(
    '/refresh',
    { config: { access: 'public', secretReply: true, operationId: 'auth.refresh', summary: 'Trade a refresh token for the next one' }, schema: { body: RefreshBody, response: { 200: LoginReply } } },
    async (request) => auth.accounts.refresh(request.body.refreshToken),
  );
}

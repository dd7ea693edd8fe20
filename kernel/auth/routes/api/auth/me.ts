import type { FastifyInstance } from 'fastify';
import { Unauthorized } from '@proofpix/sdk';
import type { OpenAuth } from '../../../open-auth.ts';
import { MeReply } from '../../../schemas.ts';

export default async function me(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'accounts'> }): Promise<void> {
  fastify.get('/me', { config: { access: 'user', operationId: 'auth.me', summary: 'Who is asking, and where they belong' }, schema: { response: { 200: MeReply } } }, async (request) => {
    if (request.scope.identity === null) throw Unauthorized();
    const { user, ...where } = await auth.accounts.me(request.scope.identity);
    return { ...user, ...where };
  });
}

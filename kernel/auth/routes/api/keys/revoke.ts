import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import { holderOf } from '../../../keys/index.ts';
import { KeyParams, KeyReply } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

export default async function revoke(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.delete<{ Params: { keyId: string } }>(
    '/:keyId/revoke',
    { config: { access: 'tenant', operationId: 'keys.revoke', summary: 'End an API key for good' }, schema: { params: KeyParams, response: { 200: KeyReply } } },
    async (request) => auth.apiKeys.revoke(holderOf(request.scope.identity), request.params.keyId, callerOf(request)),
  );
}

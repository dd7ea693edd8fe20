import type { FastifyInstance } from 'fastify';
import { callerOf } from '../../../caller.ts';
import { holderOf } from '../../../keys/index.ts';
import { KeyParams, KeyReply, PermissionsBody } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

export default async function permissions(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.post<{ Params: { keyId: string }; Body: { permissions: string[] } }>(
    '/:keyId/permissions',
    { config: { access: 'tenant', operationId: 'keys.setPermissions', summary: 'Replace what an API key may do; keys of others can only be narrowed' }, schema: { params: KeyParams, body: PermissionsBody, response: { 200: KeyReply } } },
    async (request) => auth.apiKeys.setPermissions(holderOf(request.scope.identity), request.params.keyId, request.body.permissions, callerOf(request)),
  );
}

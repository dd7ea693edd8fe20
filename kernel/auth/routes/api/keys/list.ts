import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { holderOf } from '../../../keys/index.ts';
import { KeyListReply, ListQuery } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

export default async function list(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.get<{ Querystring: Static<typeof ListQuery> }>(
    '/list',
    { config: { access: 'tenant', operationId: 'keys.list', summary: 'One’s own API keys, or the whole team’s with `keys:read-all`' }, schema: { querystring: ListQuery, response: { 200: KeyListReply } } },
    async (request) => {
      const { limit = 50, cursor = null, mine = false, includeRevoked = false } = request.query;
      return auth.apiKeys.list(holderOf(request.scope.identity), { limit, cursor, mine, includeRevoked });
    },
  );
}

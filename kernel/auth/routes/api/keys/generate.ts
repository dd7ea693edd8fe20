import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../caller.ts';
import { holderOf } from '../../../keys/index.ts';
import { GenerateBody, KeyWithSecretReply } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

export default async function generate(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.post<{ Body: Static<typeof GenerateBody> }>(
    '/generate',
    { config: { access: 'tenant', permission: 'keys:create', secretReply: true, operationId: 'keys.generate', summary: 'Make an API key; its secrets are shown this once' }, schema: { body: GenerateBody, response: { 201: KeyWithSecretReply } } },
    async (request, reply) => {
      const { name, permissions, expiresAt, addresses = [], requestsPerMinute = null, signsRequests = false } = request.body;
      const key = { name, permissions, expiresAt: expiresAt === undefined ? null : new Date(expiresAt), addresses, requestsPerMinute, signsRequests };
      return reply.code(201).send(await auth.apiKeys.generate(holderOf(request.scope.identity), key, callerOf(request)));
    },
  );
}

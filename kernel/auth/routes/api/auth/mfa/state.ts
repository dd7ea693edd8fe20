import type { FastifyInstance } from 'fastify';
import type { OpenAuth } from '../../../../open-auth.ts';
import { FactorStateReply } from '../../../../second-factor/schemas.ts';

export default async function state(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'secondFactor'> }): Promise<void> {
  fastify.get('', { config: { access: 'user', operationId: 'auth.getMfa', summary: 'Which second factors are on' }, schema: { response: { 200: FactorStateReply } } }, async (request) => auth.secondFactor.state(request.scope.identity));
}

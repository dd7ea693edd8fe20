import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { FactorChangeBody, RecoveryCodesReply } from '../../../../second-factor/schemas.ts';

export default async function recoveryCodes(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'secondFactor'> }): Promise<void> {
  fastify.post<{ Body: Static<typeof FactorChangeBody> }>(
    '/recovery-codes',
    { config: { access: 'user', secretReply: true, operationId: 'auth.renewRecoveryCodes', summary: 'A new set of recovery codes; the old ones end' }, schema: { body: FactorChangeBody, response: { 201: RecoveryCodesReply } } },
    async (request, reply) => reply.code(201).send(await auth.secondFactor.renewCodes(request.scope.identity, request.body, callerOf(request))),
  );
}

import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { optionalBody } from '../../../../optional-body.ts';
import { ConfirmBody, EnrollBody, EnrollReply, FactorChangeBody, RecoveryCodesReply } from '../../../../second-factor/schemas.ts';

/** One-time passwords of an app. */
export default async function totp(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'secondFactor'> }): Promise<void> {
  fastify.post<{ Body: Static<typeof EnrollBody> }>(
    '/totp/enroll',
    { config: { access: 'user', secretReply: true, operationId: 'auth.enrollTotp', summary: 'Begin two-step login: a secret for an app' }, schema: { body: EnrollBody, response: { 201: EnrollReply } }, preValidation: optionalBody },
    async (request, reply) => reply.code(201).send(await auth.secondFactor.enroll(request.scope.identity, request.body.password, callerOf(request))),
  );
  fastify.post<{ Body: Static<typeof ConfirmBody> }>(
    '/totp/confirm',
    { config: { access: 'user', secretReply: true, operationId: 'auth.confirmTotp', summary: 'Switch two-step login on by a first code; ends the other sessions' }, schema: { body: ConfirmBody, response: { 200: RecoveryCodesReply } } },
    async (request) => auth.secondFactor.confirm(request.scope.identity, request.body.code, callerOf(request)),
  );
  fastify.delete<{ Body: Static<typeof FactorChangeBody> }>(
    '/totp',
    { config: { access: 'user', operationId: 'auth.disableTotp', summary: 'Switch two-step login off' }, schema: { body: FactorChangeBody }, preValidation: optionalBody },
    async (request, reply) => {
      await auth.secondFactor.disable(request.scope.identity, request.body, callerOf(request));
      return reply.code(204).send();
    },
  );
}

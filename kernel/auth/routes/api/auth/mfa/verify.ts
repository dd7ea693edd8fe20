import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { LoginReply } from '../../../../schemas.ts';
import { VerifyBody } from '../../../../second-factor/schemas.ts';

export default async function verify(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'secondStep'> }): Promise<void> {
  fastify.post<{ Body: Static<typeof VerifyBody> }>(
    '/verify',
    { config: { access: 'public', secretReply: true, operationId: 'auth.verifySecondFactor', summary: 'Finish a login with a second factor' }, schema: { body: VerifyBody, response: { 200: LoginReply } } },
    async (request) => auth.secondStep.verify(request.body, callerOf(request)),
  );
}

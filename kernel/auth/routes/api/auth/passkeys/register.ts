import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { optionalBody } from '../../../../optional-body.ts';
import { CeremonyReply, OptionsBody, PasskeyReply, RegisterPasskeyBody } from '../../../../passkeys/schemas.ts';

/** The registration ceremony (WebAuthn level 3, section 7.1). */
export default async function register(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'passkeys'> }): Promise<void> {
  fastify.post<{ Body: Static<typeof OptionsBody> }>(
    '/register/options',
    { config: { access: 'user', secretReply: true, operationId: 'auth.passkeyRegistrationOptions', summary: 'Begin adding a passkey' }, schema: { body: OptionsBody, response: { 200: CeremonyReply } }, preValidation: optionalBody },
    async (request) => auth.passkeys.registrationOptions(request.scope.identity, request.body.password, callerOf(request)),
  );
  fastify.post<{ Body: Static<typeof RegisterPasskeyBody> }>(
    '/register/verify',
    { config: { access: 'user', secretReply: true, operationId: 'auth.registerPasskey', summary: 'Add a passkey that answered the challenge' }, schema: { body: RegisterPasskeyBody, response: { 201: PasskeyReply } } },
    async (request, reply) => reply.code(201).send(await auth.passkeys.register(request.scope.identity, request.body.credential, request.body.name, callerOf(request))),
  );
}

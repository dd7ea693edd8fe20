import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { optionalBody } from '../../../../optional-body.ts';
import { CeremonyReply, PasskeyLoginBody } from '../../../../passkeys/schemas.ts';
import { LoginReply } from '../../../../schemas.ts';

/** anonymous, and each leaves a row for five minutes */
const limit = { max: 120, windowMs: 60_000 };

/** The authentication ceremony (WebAuthn level 3, section 7.2), without a user name: nothing tells who has an account. */
export default async function login(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'passkeys'> }): Promise<void> {
  fastify.post(
    '/login/options',
    { config: { access: 'public', secretReply: true, limit, operationId: 'auth.passkeyLoginOptions', summary: 'Begin to log in with a passkey' }, schema: { response: { 200: CeremonyReply } }, preValidation: optionalBody },
    async () => auth.passkeys.loginOptions(),
  );
  fastify.post<{ Body: Static<typeof PasskeyLoginBody> }>(
    '/login/verify',
    { config: { access: 'public', secretReply: true, operationId: 'auth.passkeyLogin', summary: 'Log in with a passkey that answered the challenge' }, schema: { body: PasskeyLoginBody, response: { 200: LoginReply } } },
    async (request) => auth.passkeys.login(request.body.credential, callerOf(request)),
  );
}

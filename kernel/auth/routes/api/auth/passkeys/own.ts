import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { callerOf } from '../../../../caller.ts';
import type { OpenAuth } from '../../../../open-auth.ts';
import { optionalBody } from '../../../../optional-body.ts';
import { OptionsBody, PasskeyParams, PasskeyReply, PasskeysReply, RenameBody } from '../../../../passkeys/schemas.ts';

interface One {
  Params: Static<typeof PasskeyParams>;
}

/** The passkeys of whoever asks. */
export default async function own(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'passkeys'> }): Promise<void> {
  fastify.get('', { config: { access: 'user', operationId: 'auth.listPasskeys', summary: 'Own passkeys' }, schema: { response: { 200: PasskeysReply } } }, async (request) => ({ items: await auth.passkeys.list(request.scope.identity), nextCursor: null }));
  fastify.patch<One & { Body: Static<typeof RenameBody> }>(
    '/:passkeyId',
    { config: { access: 'user', operationId: 'auth.renamePasskey', summary: 'Name a passkey' }, schema: { params: PasskeyParams, body: RenameBody, response: { 200: PasskeyReply } } },
    async (request) => auth.passkeys.rename(request.scope.identity, request.params.passkeyId, request.body.name, callerOf(request)),
  );
  fastify.delete<One & { Body: Static<typeof OptionsBody> }>(
    '/:passkeyId',
    { config: { access: 'user', operationId: 'auth.removePasskey', summary: 'Remove a passkey, unless it is the last way in' }, schema: { params: PasskeyParams, body: OptionsBody }, preValidation: optionalBody },
    async (request, reply) => {
      await auth.passkeys.remove(request.scope.identity, request.params.passkeyId, request.body.password, callerOf(request));
      return reply.code(204).send();
    },
  );
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callerOf } from '../../../caller.ts';
import { holderOf } from '../../../keys/index.ts';
import { KeyParams, KeyWithSecretReply, RotateBody } from '../../../keys/schemas.ts';
import type { OpenAuth } from '../../../open-auth.ts';

const defaultOverlapSeconds = 86_400;

async function noBodyIsEmpty(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

export default async function rotate(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'apiKeys'> }): Promise<void> {
  fastify.put<{ Params: { keyId: string }; Body: { overlapSeconds?: number } }>(
    '/:keyId/rotate',
    { config: { access: 'tenant', secretReply: true, operationId: 'keys.rotate', summary: 'Give an API key a new secret; the old one stays good for a while' }, schema: { params: KeyParams, body: RotateBody, response: { 200: KeyWithSecretReply } }, preValidation: noBodyIsEmpty },
    async (request) => auth.apiKeys.rotate(holderOf(request.scope.identity), request.params.keyId, request.body.overlapSeconds ?? defaultOverlapSeconds, callerOf(request)),
  );
}

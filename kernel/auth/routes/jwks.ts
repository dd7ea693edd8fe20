import type { FastifyInstance } from 'fastify';
import type { OpenAuth } from '../open-auth.ts';
import { JwksReply } from '../schemas.ts';

const maxAgeSeconds = 300;

/** Public keys for others to verify access tokens with (RFC 7517). Empty when the secret is a shared one. */
export default async function jwks(fastify: FastifyInstance, { auth }: { auth: Pick<OpenAuth, 'jwks'> }): Promise<void> {
  fastify.get('/.well-known/jwks.json', { config: { access: 'public', operationId: 'auth.jwks', summary: 'Keys that verify access tokens' }, schema: { response: { 200: JwksReply } } }, async (_request, reply) =>
    reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).send(await auth.jwks()));
}

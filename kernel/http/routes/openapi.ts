import type { FastifyInstance } from 'fastify';
import { listsTag } from '../cell/byte-range.ts';
import type { OpenApi } from '../openapi/catalogue.ts';

/** What is enabled for the caller, as OpenAPI 3.1. */
export default async function openapi(fastify: FastifyInstance, { openApi }: { openApi: OpenApi }): Promise<void> {
  const config = { access: 'public', identify: true, operationId: 'kernel.openapi', summary: 'This document' } as const;
  fastify.get('/openapi.json', { config }, async (request, reply) => {
    const { json, etag } = openApi.documentFor(request.scope.identity);
    const { 'if-none-match': known } = request.headers;
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (known !== undefined && listsTag(known, etag, 'weak')) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(json);
  });
}

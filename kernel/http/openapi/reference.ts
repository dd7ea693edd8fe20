import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { referencePolicy } from '../security-headers.ts';

/** The API reference at `/docs`, with everything it needs from this server: it works offline. */
export async function reference(fastify: FastifyInstance): Promise<void> {
  // its routes know nothing of our access rules
  const route = fastify.route.bind(fastify);
  fastify.route = ((options: RouteOptions) => route({ ...options, config: { ...options.config, access: 'public', duringMaintenance: true } })) as typeof fastify.route;
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.header('content-security-policy', referencePolicy);
    done();
  });
  const configuration = { url: '/openapi.json', pageTitle: 'ProofPix API', withDefaultFonts: false, telemetry: false, agent: { disabled: true }, mcp: { disabled: true } };
  await fastify.register(scalar, { routePrefix: '/docs', configuration } as unknown as Parameters<typeof scalar>[1]);
}

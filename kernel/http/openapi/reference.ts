import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from '../../log.ts';
import { installErrorContract } from '../errors/error-contract.ts';
import { referencePolicy } from '../security-headers.ts';

const configuration = { url: '/openapi.json', pageTitle: 'ProofPix API', withDefaultFonts: false, telemetry: false, agent: { disabled: true }, mcp: { disabled: true } };

/** Requests of the reference, by the root's id of them. */
type RequestIds = WeakMap<IncomingMessage, string>;

async function openReference(ids: RequestIds, log: Logger): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const fastify = Fastify({ logger: false, requestIdHeader: false, genReqId: (raw) => ids.get(raw) ?? '' });
  installErrorContract(fastify, log);
  await fastify.register(scalar, { routePrefix: '/docs', configuration } as unknown as Parameters<typeof scalar>[1]);
  await fastify.ready();
  return fastify;
}

/**
 * The API reference at `/docs`, with everything it needs from this server: it works offline. Its
 * bundle takes 17 MB, so it is loaded by whoever asks for it first, into an instance that never listens.
 */
export function reference(log: Logger): (fastify: FastifyInstance) => Promise<void> {
  const ids: RequestIds = new WeakMap();
  let opened: Promise<FastifyInstance> | null = null;

  async function show(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    opened ??= openReference(ids, log);
    const { routing } = await opened;
    ids.set(request.raw, request.id);
    reply.header('content-security-policy', referencePolicy).hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    routing(request.raw, reply.raw);
  }

  return async (fastify) => {
    for (const url of ['/docs', '/docs/*']) fastify.get(url, { config: { access: 'public', duringMaintenance: true } }, show);
  };
}

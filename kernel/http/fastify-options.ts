import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../log.ts';
import { answerClientError } from './errors/client-error.ts';
import { sendError } from './errors/error-contract.ts';
import { newRequestId, requestIdOf } from './request-id.ts';
import type { ServerOptions } from './server-options.ts';

/** The root's framework options: limits, TLS, and the error contract for what never reaches a hook. */
export function fastifyOptions(options: ServerOptions, headers: Readonly<Record<string, string>>, log: Logger): FastifyHttpOptions<Server> {
  const { limits, tls, trustProxy } = options;
  const transport = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: limits.headerBytes,
    // Node's own refusal has no body; the first hook refuses in the error contract (RFC 9112, section 3.2)
    requireHostHeader: false,
    insecureHTTPParser: false,
  };
  const made: FastifyHttpOptions<Server> = {
    logger: false,
    requestIdHeader: false,
    genReqId: requestIdOf,
    bodyLimit: limits.bodyBytes,
    connectionTimeout: limits.idleTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    // while draining, what still arrives on open connections is served; Fastify closes when nothing is left
    return503OnClosing: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: limits.paramLength },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(headers).header('x-request-id', request.id);
      sendError(error, request, reply, log);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, newRequestId()),
    ...(trustProxy === false ? {} : { trustProxy: typeof trustProxy === 'number' ? (_address: string, hop: number) => hop < trustProxy : trustProxy }),
  } as FastifyHttpOptions<Server>;
  if (tls === null) return { ...made, http: transport };
  return { ...made, https: { ...transport, ...tls, minVersion: 'TLSv1.3' } } as unknown as FastifyHttpOptions<Server>;
}

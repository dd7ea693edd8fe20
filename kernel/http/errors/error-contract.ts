import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotFound } from '@proofpix/sdk';
import { platformCode } from '@proofpix/sdk/runtime';
import type { Logger } from '../../log.ts';
import { isPrivate } from '../../private-errors.ts';
import { errorReply } from './error-reply.ts';
import { linger } from './linger.ts';
import { invalid } from './validation-error.ts';

/** Sends `error` in the one shape; what is our own fault is logged with its cause. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const { status, headers, body } = errorReply(error, request.id);
  if (status >= 500) log.error({ ...(isPrivate(error) ? { code: platformCode(error) } : { err: error }), requestId: request.id, method: request.method, route: request.routeOptions.url }, 'request failed');
  linger(request.raw);
  reply.code(status).headers(headers).serializer(JSON.stringify).type('application/json; charset=utf-8').send(body);
}

/** A key of a query string that would reach a prototype if anybody merged it into an object. */
export function refuseForbiddenKeys(request: FastifyRequest): void {
  const query = request.query as object;
  if (Object.hasOwn(query, '__proto__')) throw invalid('query', 'has a forbidden key');
}

/** Gives an instance, root or cell, the error contract. */
export function installErrorContract(fastify: FastifyInstance, log: Logger): void {
  fastify.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, log));
  fastify.setNotFoundHandler((request, reply) => sendError(NotFound({ message: 'There is nothing at this path.' }), request, reply, log));
}

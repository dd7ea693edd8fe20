import type { FastifyRequest } from 'fastify';
import type { CallerOf } from './sign-in.ts';

/** Where a request comes from, for throttles, sessions and the audit log. */
export function callerOf(request: FastifyRequest): CallerOf {
  return { address: request.scope?.ip ?? request.ip, userAgent: request.headers['user-agent'] ?? null, requestId: request.id };
}

import type { FastifyRequest } from 'fastify';

/** For routes whose body may be left out: it counts as an empty object. */
export async function optionalBody(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

import type { FastifyReply, FastifyRequest } from 'fastify';

/** Honours `Idempotency-Key` on a POST. */
export interface Idempotency {
  /** Synchronous part, before the first byte of the body is read. */
  watch(request: FastifyRequest): void;
  /**
   * Resolves when the handler may run, or when the kept reply was sent (`reply.sent`). `route` is the
   * route's template, and part of what the key is scoped to.
   *
   * @throws CONFLICT while the same request is under way; IDEMPOTENCY_KEY_REUSED for another body;
   *   IDEMPOTENT_REPLY_NOT_KEPT when the first reply was too large to keep
   */
  begin(request: FastifyRequest, reply: FastifyReply, route: string): Promise<void>;
}

/** For deployments and tests without a database. */
export const noIdempotency: Idempotency = { watch: () => undefined, begin: () => Promise.resolve() };

import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { RateLimitExceeded } from '@proofpix/sdk';
import type { Logger } from '../log.ts';

export interface RateLimitOptions {
  windowMs: number;
  /** Requests per window of a user or key. */
  perPrincipal: number;
  /** Requests per window of an address (IPv6: of its /64) without credentials, or with bad ones. */
  perAddress: number;
}

export interface RateLimit {
  /** Counts the request. @throws RATE_LIMIT_EXCEEDED with `retryAfterSeconds` */
  take(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;
type Limits = { max: number | ((request: FastifyRequest, key: string) => number); timeWindow: number; keyGenerator(request: FastifyRequest): string };

/** Addresses and principals counted per window; the oldest are forgotten. */
const trackedKeys = 50_000;
const keyWindowMs = 60_000;
/** How long a node counts for itself after Redis failed. */
const localMs = 5_000;

function addressKey(request: FastifyRequest): string {
  return `a:${rateLimit.normalizeIP(request.scope.ip, 64)}`;
}

function callerKey(request: FastifyRequest): string {
  const identity = request.scope.identity;
  if (identity === null) return addressKey(request);
  const { kind, userId, credentialId } = identity.principal;
  return kind === 'api-key' ? `k:${credentialId}` : `u:${userId}`;
}

/** @throws RATE_LIMIT_EXCEEDED */
function settle(reply: FastifyReply, counted: Awaited<ReturnType<Limiter>>): void {
  if (counted.isAllowed) return;
  reply.header('x-ratelimit-limit', counted.max).header('x-ratelimit-remaining', counted.remaining).header('x-ratelimit-reset', counted.ttlInSeconds);
  if (counted.isExceeded) throw RateLimitExceeded({ retryAfterSeconds: Math.max(1, counted.ttlInSeconds) });
}

/**
 * Counts in memory, or in Redis for all nodes together; while Redis fails each node counts for
 * itself, so a dead Redis neither stops the service nor lifts the limits.
 */
export async function createRateLimit(fastify: FastifyInstance, options: RateLimitOptions, redis: Redis | null, log: Logger): Promise<RateLimit> {
  // one encapsulated registration per store
  const stores: { make(limits: Limits): Limiter }[] = [];
  for (const store of redis === null ? [{}] : [{}, { redis, nameSpace: 'proofpix-limit-' }]) {
    await fastify.register(async (child) => {
      await child.register(rateLimit, { global: false, cache: trackedKeys, ...store });
      stores.push({ make: (limits) => child.createRateLimit(limits as Parameters<FastifyInstance['createRateLimit']>[0]) });
    });
  }
  let localUntil = 0;

  function limiter(limits: Limits): Limiter {
    const [local, shared] = stores.map((store) => store.make(limits));
    if (local === undefined) throw new Error('no local rate limit store');
    if (shared === undefined) return local;
    return async (request) => {
      if (Date.now() < localUntil) return local(request);
      try {
        return await shared(request);
      } catch (error) {
        localUntil = Date.now() + localMs;
        log.warn({ err: error }, 'Redis does not answer: this node counts rate limits by itself');
        return local(request);
      }
    };
  }

  const max = (_request: FastifyRequest, key: string): number => (key.startsWith('a:') ? options.perAddress : options.perPrincipal);
  const general = limiter({ max, timeWindow: options.windowMs, keyGenerator: callerKey });
  const perKey = limiter({ max: (request) => request.scope.identity?.key?.requestsPerMinute ?? options.perPrincipal, timeWindow: keyWindowMs, keyGenerator: (request) => `m:${request.scope.identity?.credentialId}` });
  const own = new Map<string, Limiter>();

  fastify.addHook('onRoute', (route) => {
    const limit = route.config?.limit;
    if (limit === undefined || limit === false) return;
    for (const method of [route.method].flat()) {
      const id = `${method} ${route.url}`;
      own.set(id, limiter({ max: limit.max, timeWindow: limit.windowMs, keyGenerator: (request) => `${id} ${callerKey(request)}` }));
    }
  });

  return {
    async take(request, reply) {
      const limit = request.is404 ? undefined : request.routeOptions.config.limit;
      if (limit === false) return;
      settle(reply, await general(request));
      // what its user has set for the key, beside what the deployment allows
      if (request.scope.identity?.key?.requestsPerMinute != null) settle(reply, await perKey(request));
      const tighter = limit === undefined ? undefined : own.get(`${request.method} ${request.routeOptions.url}`);
      if (tighter !== undefined) settle(reply, await tighter(request));
    },
  };
}

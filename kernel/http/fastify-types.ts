import type { RequestScope } from './contract.ts';

/** Who may call a route. */
export type Access = 'public' | 'user' | 'tenant' | 'operator';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the root knows of the request: set before any handler of a kernel route runs. */
    scope: RequestScope;
  }

  interface FastifyContextConfig {
    /** Required on every kernel route: one without it stops the boot. */
    access?: Access;
    /** `<plugin>:<action>` that the caller must have. */
    permission?: string;
    /** A public route that wants to know who asks when it can; bad credentials count as none. */
    identify?: boolean;
    /** The reply holds a secret: nothing is kept for `Idempotency-Key`. */
    secretReply?: boolean;
    /** Served while maintenance mode is on, to everybody. */
    duringMaintenance?: boolean;
    /** A tighter limit of its own, per address and principal; false for none at all. */
    limit?: { max: number; windowMs: number } | false;
    /** `<module>.<name>` in `/openapi.json`; without it the route is not listed. */
    operationId?: string;
    summary?: string;
  }
}

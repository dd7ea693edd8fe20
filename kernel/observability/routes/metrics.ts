import type { FastifyInstance, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { Registry } from 'prom-client';
import { Forbidden, Unauthorized } from '@proofpix/sdk';

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** A scraper on this machine, and not a proxy on this machine that speaks for somebody else. */
function isLocal({ raw }: FastifyRequest): boolean {
  const address = raw.socket.remoteAddress ?? '';
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback' && forwarding.every((name) => raw.headers[name] === undefined);
}

/** Prometheus metrics, for operators and for a scraper on the same machine: they name tenants. */
export default async function metrics(fastify: FastifyInstance, { registry }: { registry: Registry }): Promise<void> {
  fastify.get('/metrics', { config: { access: 'public', identify: true, duringMaintenance: true, operationId: 'kernel.metrics', summary: 'Metrics in Prometheus text format' } }, async (request, reply) => {
    const { identity } = request.scope;
    if (identity?.principal.operator !== true && !isLocal(request)) throw identity === null ? Unauthorized() : Forbidden({ message: 'Only operators of this deployment may do this.' });
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

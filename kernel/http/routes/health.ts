import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Readiness } from '../readiness.ts';

const Live = Type.Object({ status: Type.Literal('ok') });
const Ready = Type.Object({ status: Type.Enum(['ready', 'not-ready']), checks: Type.Record(Type.String(), Type.Enum(['ok', 'failed'])) });

/** For the process supervisor and the load balancer: no credentials, no limit, served in maintenance too. */
export default async function health(fastify: FastifyInstance, { readiness }: { readiness: Readiness }): Promise<void> {
  const config = { access: 'public', limit: false, duringMaintenance: true } as const;

  fastify.get('/health/live', { config: { ...config, operationId: 'kernel.live', summary: 'Whether the process runs' }, schema: { response: { 200: Live } } }, async () => ({ status: 'ok' }));

  fastify.get('/health/ready', { config: { ...config, operationId: 'kernel.ready', summary: 'Whether the node takes requests' }, schema: { response: { 200: Ready, 503: Ready } } }, async (_request, reply) => {
    const { ready, checks } = await readiness.report();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', checks });
  });
}

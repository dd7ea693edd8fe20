import jwt from '@fastify/jwt';
import Fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Manifest, RouteManifest } from '@proofpix/sdk';
import type { Auth, Identity } from '../../kernel/auth/contract.ts';
import { buildCell, type CellBackend, createServer } from '../../kernel/http/index.ts';
import { createLogger, openObservability } from '../../kernel/observability/index.ts';

/**
 * One server of the HTTP benchmark, in a process of its own: `node http-server.ts bare|kernel [log]`. Both
 * answer `/item/:id` with the same schema and the same check of the same token.
 */
const secret = 'a secret of the benchmark, which is long enough';
const params = Type.Object({ id: Type.String({ maxLength: 36 }) });
const query = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) });
const response = Type.Object({ id: Type.String(), name: Type.String(), tags: Type.Array(Type.String()), size: Type.Integer(), createdAt: Type.String() });
const item = (id: string) => ({ id, name: 'A photo of a lighthouse', tags: ['sea', 'tower', 'evening'], size: 4_812_331, createdAt: '2026-11-22T12:00:00.000Z' });

async function bare(): Promise<{ url: string; token: string }> {
  const fastify = Fastify();
  await fastify.register(jwt, { secret });
  fastify.addHook('onRequest', async (request) => void (await request.jwtVerify()));
  fastify.get('/item/:id', { schema: { params, querystring: query, response: { 200: response } } }, async (request) => item((request.params as { id: string }).id));
  return { url: await fastify.listen({ port: 0 }), token: fastify.jwt.sign({ sub: 'user' }) };
}

async function kernel(): Promise<{ url: string; token: string }> {
  const verifier = Fastify();
  await verifier.register(jwt, { secret });
  await verifier.ready();
  const refuse = (): Promise<never> => Promise.reject(new Error('not in this benchmark'));
  const auth: Auth = {
    async authenticate({ authorization }): Promise<Identity> {
      const { sub } = verifier.jwt.verify<{ sub: string }>((authorization ?? '').slice(7));
      return { principal: { kind: 'user', userId: sub, credentialId: 'session', operator: false }, tenantId: 'tenant', role: 'member', roleGrant: null, customRoles: [], credentialId: 'session', impersonatorId: null, scope: null };
    },
    can: async () => true, explain: refuse, identityOf: refuse, enter: refuse, audit: refuse, verifyAudit: refuse, onRevoked: () => undefined,
  };
  const isLogging = process.argv[3] === 'log';
  // the lines go where they cost what they cost and nobody reads them
  const log = createLogger({ level: isLogging ? 'info' : 'warn', file: '/dev/null' });
  const observability = await openObservability({ log, version: '1.0.0', traceEndpoint: undefined, accessLog: isLogging });
  const route: RouteManifest = { name: 'item.get', method: 'GET', path: '/api/items/:id', access: 'tenant', params, query, response } as unknown as RouteManifest;
  const backend = { invoke: async (_scope: unknown, _route: unknown, input: { params: { id: string } }) => ({ json: item(input.params.id) }) } as unknown as CellBackend;
  const cell = await buildCell({ id: 'items', version: '1.0.0', routes: [JSON.parse(JSON.stringify(route)) as RouteManifest] } as unknown as Manifest, backend, { log, firstParty: true });
  const server = await createServer(
    {
      auth,
      log,
      observer: observability.observer,
      directory: { ownerOf: (path) => (path.startsWith('/api/items') ? 'items' : null), cellFor: () => cell, manifestsFor: () => [], verifyLink: () => null },
      routes: [],
      plugins: [
        async (fastify: FastifyInstance) => {
          fastify.get('/item/:id', { config: { access: 'tenant' }, schema: { params, querystring: query, response: { 200: response } } }, async (request) => item((request.params as { id: string }).id));
        },
      ],
    },
    { port: 0, rateLimit: { windowMs: 60_000, perPrincipal: 1e9, perAddress: 1e9 } },
  );
  return { url: await server.listen(), token: verifier.jwt.sign({ sub: 'user' }) };
}

const started = process.argv[2] === 'bare' ? await bare() : await kernel();
process.send?.(started);
// the CPU time spent so far, whenever the benchmark asks: other processes on the machine do not disturb it
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1_000 });
});
// the benchmark's end is this process's end
process.on('disconnect', () => process.exit(0));

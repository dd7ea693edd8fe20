import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Type } from 'typebox';
import type { Auth } from '../../kernel/auth/contract.ts';
import { createServer } from '../../kernel/http/create-server.ts';
import type { Logger } from '../../kernel/log.ts';
import { generateKey, registerUser, testAuth } from '../support/auth.ts';

/** The server of the benchmark of API keys, in a process of its own: one route, and three ways to say who asks. */
export interface KeyServer {
  url: string;
  key: string;
  jwt: string;
  /** taken as it is: what a route costs without any check */
  given: string;
}

const undo: (() => unknown)[] = [];
const { auth } = await testAuth({ teardown: (fn) => undo.unshift(fn) });
const { identity, authorization } = await registerUser(auth);
const { key } = await generateKey(auth, identity, { addresses: ['127.0.0.0/8', '::1'] });
const given = 'Bearer given';
const someOrNone: Auth = { ...auth, authenticate: (credentials) => (credentials.authorization === given ? Promise.resolve(identity) : auth.authenticate(credentials)) };

const params = Type.Object({ id: Type.String({ maxLength: 36 }) });
const response = Type.Object({ id: Type.String(), name: Type.String(), tags: Type.Array(Type.String()), size: Type.Integer(), createdAt: Type.String() });
const server = await createServer(
  {
    auth: someOrNone,
    keys: auth.keyRequests,
    log: pino({ level: 'warn' }) as unknown as Logger,
    directory: { ownerOf: () => null, cellFor: () => null, manifestsFor: () => [], verifyLink: () => null },
    routes: [],
    plugins: [
      async (fastify: FastifyInstance) => {
        fastify.get('/item/:id', { config: { access: 'tenant' }, schema: { params, response: { 200: response } } }, async (request) => ({ id: (request.params as { id: string }).id, name: 'A photo of a lighthouse', tags: ['sea', 'tower', 'evening'], size: 4_812_331, createdAt: '2026-11-22T12:00:00.000Z' }));
      },
    ],
  },
  { port: 0, rateLimit: { windowMs: 60_000, perPrincipal: 1e9, perAddress: 1e9 } },
);
const url = await server.listen();
process.send?.({ url, key, jwt: authorization, given } satisfies KeyServer);
// the CPU time spent so far, whenever the benchmark asks
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1_000 });
});
// the benchmark's end is this process's end
process.on('disconnect', () => {
  void (async () => {
    await server.close(1_000);
    for (const step of undo) await step();
    process.exit(0);
  })();
});

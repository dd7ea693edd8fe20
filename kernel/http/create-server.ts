import autoload from '@fastify/autoload';
import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import type { Redis } from 'ioredis';
import { Forbidden, ValidationError } from '@proofpix/sdk';
import type { Auth, KeyRequests } from '../auth/contract.ts';
import type { Logger } from '../log.ts';
import { createAddressList } from './address-list.ts';
import type { CellDirectory } from './contract.ts';
import { installErrorContract } from './errors/error-contract.ts';
import { fastifyOptions } from './fastify-options.ts';
import { createFlight } from './flight.ts';
import { createGate } from './gate.ts';
import { type Idempotency, noIdempotency } from './idempotency/contract.ts';
import { createKeyGate, noKeyRequests } from './key-gate.ts';
import { type Maintenance, noMaintenance } from './maintenance.ts';
import { createOpenApi } from './openapi/catalogue.ts';
import { reference } from './openapi/reference.ts';
import { createPathIndex } from './path-index.ts';
import { createRateLimit } from './rate-limit.ts';
import { createReadiness, type ReadinessCheck } from './readiness.ts';
import { noObserver, type RequestObserver } from './request-observer.ts';
import { createValidators } from './schema-compilers.ts';
import { LiveScope } from './scope.ts';
import { securityHeaders } from './security-headers.ts';
import { defaultServerOptions, type ServerOptions } from './server-options.ts';
import { provenBody, watchSignedBody } from './signed-body.ts';

/** A folder of route files, each a Fastify plug-in that gets `services` as its options. */
export interface RouteFolder {
  /** Absolute path. Folders below it are path segments, file names are not. */
  dir: string;
  prefix?: string;
  services: Readonly<Record<string, unknown>>;
}

export interface ServerDeps {
  auth: Auth;
  directory: CellDirectory;
  log: Logger;
  routes: readonly RouteFolder[];
  /** What is no folder of routes: the socket gateway, the marketplace. Routes need `config.access` all the same. */
  plugins?: readonly FastifyPluginAsync[];
  /** By name in `/health/ready`. */
  checks?: Readonly<Record<string, ReadinessCheck>>;
  idempotency?: Idempotency;
  /** Of API keys: without them keys that sign are refused, and nothing is counted. */
  keys?: KeyRequests;
  maintenance?: Maintenance;
  observer?: RequestObserver;
  /** Of the deployment, for `/openapi.json`. */
  version?: string;
}

export interface Server {
  /** For tests and benchmarks: `inject`, `server`. */
  readonly fastify: FastifyInstance;
  /** @returns the base URL */
  listen(): Promise<string>;
  /**
   * Says not ready, refuses new connections, lets requests in flight finish and closes idle connections
   * until none is left; what still runs after `timeoutMs` is cut off. Never rejects.
   */
  close(timeoutMs: number): Promise<void>;
}

/** Of tus 1.0.0, which a page must see to go on with an upload. Request headers need no list: the ones that are asked for are allowed. */
const resumableHeaders = ['upload-offset', 'upload-length', 'upload-metadata', 'upload-defer-length', 'upload-expires', 'tus-resumable', 'tus-version', 'tus-extension', 'tus-max-size', 'tus-checksum-algorithm'];
const readinessTimeoutMs = 2_000;
const idleSweepMs = 50;

/** The client is loaded by those who use it. */
async function connectRedis(url: string, log: Logger): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: false, enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 500 });
  redis.on('error', (error) => log.debug({ err: error }, 'Redis connection'));
  return redis;
}

/**
 * The root server. It owns the network, the error contract and who may call what; features are kernel
 * route folders and the cells that `directory` names.
 *
 * @throws Error at boot: a path declared twice, a route without `config.access`, a list entry that is no address
 */
export async function createServer(deps: ServerDeps, given: Partial<ServerOptions> = {}): Promise<Server> {
  const options: ServerOptions = { ...defaultServerOptions, ...given };
  const { log, directory } = deps;
  const idempotency = deps.idempotency ?? noIdempotency;
  const observer = deps.observer ?? noObserver;
  const addresses = createAddressList({ allow: options.ipAllow, deny: options.ipDeny });
  const headers = securityHeaders({ tls: options.tls !== null || options.publicUrl?.startsWith('https:') === true });
  const flight = createFlight();
  const paths = createPathIndex({ maxParamLength: options.limits.paramLength });
  const readiness = createReadiness(deps.checks ?? {}, { timeoutMs: readinessTimeoutMs, onFailure: (name, error) => log.warn({ err: error, check: name }, 'readiness check failed') });
  const redis = options.redisUrl === null ? null : await connectRedis(options.redisUrl, log);
  let draining = false;

  const fastify: FastifyInstance = Fastify(fastifyOptions(options, headers, log));
  installErrorContract(fastify, log);
  fastify.setValidatorCompiler(createValidators());
  fastify.decorateRequest('scope');

  const pathOfRoute = (pluginId: string, path: string): string => (directory.ownerOf(path) === pluginId ? path : `/api/x/${pluginId}${path}`);
  const openApi = createOpenApi(fastify, directory, {
    version: deps.version ?? '0.0.0',
    serverUrl: options.publicUrl ?? '/',
    pathOf: ({ id }, { path }) => pathOfRoute(id, path),
  });

  fastify.addHook('onRoute', (route) => {
    if (route.url === '*') return;
    if (route.config?.access === undefined) throw new Error(`The route ${String(route.method)} ${route.url} declares no access`);
    for (const method of [route.method].flat()) paths.add(method, route.url);
  });

  fastify.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const scope = new LiveScope(request.id, request.ip ?? '', raw, reply.raw);
    request.scope = scope;
    flight.enter(reply.raw, observer.begin(request, reply, scope));
    reply.headers(headers);
    reply.header('x-request-id', request.id);
    if (draining) reply.header('connection', 'close');
    idempotency.watch(request);
    watchSignedBody(raw);
    if (!addresses.admits(scope.ip)) done(Forbidden({ message: 'This address may not use the service.' }));
    else if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
      reply.header('connection', 'close');
      done(ValidationError({ message: 'headers.host is required.', details: { field: 'headers.host', issue: 'is required' } }));
    } else done();
  });

  if (options.corsOrigins.length > 0) {
    await fastify.register(cors, {
      origin: options.corsOrigins.includes('*') ? '*' : [...options.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['x-request-id', 'retry-after', 'etag', 'content-disposition', 'content-range', 'accept-ranges', 'location', 'idempotent-replayed', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', ...resumableHeaders],
      maxAge: 600,
      strictPreflight: false,
    });
  }

  const limit = await createRateLimit(fastify, options.rateLimit, redis, log);
  const gate = createGate({ auth: deps.auth, directory, limit, maintenance: deps.maintenance ?? noMaintenance, idempotency, keys: createKeyGate(deps.keys ?? noKeyRequests), otherMethods: paths.methodsOf, pathOfRoute, onCell: (request, pluginId, route) => observer.cell(request, pluginId, route), authTimeoutMs: options.limits.authTimeoutMs });
  fastify.addHook('onRequest', gate);
  // the body has been read; nobody has acted on it
  fastify.addHook('preValidation', async (request) => provenBody(request.raw));

  await fastify.register(reference(log));
  for (const plugin of deps.plugins ?? []) await fastify.register(plugin);
  const own: RouteFolder = { dir: `${import.meta.dirname}/routes`, services: { readiness, openApi } };
  for (const { dir, prefix, services } of [own, ...deps.routes]) {
    await fastify.register(autoload, { dir, ignorePattern: /\.test\.m?[jt]s$/, forceESM: true, options: { ...services, ...(prefix === undefined ? {} : { prefix }) } });
  }
  await fastify.ready();

  let closing: Promise<void> | null = null;

  async function drain(timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    readiness.retire();
    draining = true;
    const { server } = fastify;
    if (server.listening) server.close();
    // connections fall idle one by one, and an idle one would be waited for until its keep-alive ends
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
    const landed = await flight.landed(Math.max(0, end - Date.now()));
    if (!landed) log.warn({ inFlight: flight.count() }, 'requests were cut off at the end of the drain');
    const cut = setTimeout(() => server.closeAllConnections(), landed ? Math.max(0, end - Date.now()) : 0);
    await fastify.close().catch((error: unknown) => log.warn({ err: error }, 'the server did not close cleanly'));
    clearInterval(sweep);
    clearTimeout(cut);
    redis?.disconnect();
  }

  return {
    fastify,
    listen: () => fastify.listen({ host: options.host, port: options.port }),
    close: (timeoutMs) => (closing ??= drain(timeoutMs)),
  };
}

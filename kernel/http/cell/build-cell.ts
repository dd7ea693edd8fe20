import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { NotFound, type Manifest, type RouteManifest, Unavailable } from '@proofpix/sdk';
import { linearRegExp } from '../../database/collections/linear-regexp.ts';
import type { Logger } from '../../log.ts';
import type { Cell, CellBackend, RequestScope } from '../contract.ts';
import { errorReply } from '../errors/error-reply.ts';
import { installErrorContract, sendError } from '../errors/error-contract.ts';
import { createFlight } from '../flight.ts';
import { createValidators } from '../schema-compilers.ts';
import { schemaProblem } from '../safe-schema.ts';
import { registerCellRoutes } from './cell-routes.ts';
import { lazySerializers } from './serializers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In a cell: the manifest's route, compared with the one whose access was checked. */
    cellRoute?: RouteManifest;
  }
}

interface Held {
  scope: RequestScope;
  route: RouteManifest;
  headers: Readonly<OutgoingHttpHeaders>;
}

export interface CellOptions {
  log: Logger;
  /** First-party paths are absolute; a third-party plugin's are below `/api/x/<id>`. */
  firstParty: boolean;
  /** Of one decoded path parameter; default 512. */
  paramLength?: number;
  /** The deployment's limit for one uploaded file; default 100 MiB. */
  maxFileBytes?: number;
  /** Cookies that name a browser are for https only; default false. */
  secureCookies?: boolean;
}

const defaultParamLength = 512;
const defaultFileBytes = 104_857_600;

/** Schemas of a manifest's routes that may not be compiled, by route name. */
function refuseUnsafeSchemas(manifest: Manifest): void {
  for (const route of manifest.routes) {
    const body = route.body?.kind === 'json' ? route.body.schema : route.body?.kind === 'multipart' ? route.body.fields : undefined;
    for (const schema of [route.params, route.query, body, route.response]) {
      const problem = schema === undefined ? null : schemaProblem(schema);
      if (problem !== null) throw new Error(`The route ${route.name} of ${manifest.id} has a schema that is not allowed: ${problem}`);
    }
  }
}

/**
 * The routes of one plugin version, as an instance that never listens. Made from the manifest's data
 * alone; no code of the plugin runs here.
 *
 * @throws Error for two routes on one path, or a schema outside the allowed subset
 */
export async function buildCell(manifest: Manifest, backend: CellBackend, options: CellOptions): Promise<Cell> {
  refuseUnsafeSchemas(manifest);
  const { log } = options;
  const routerOptions = { maxParamLength: options.paramLength ?? defaultParamLength };
  const mount = options.firstParty ? '' : `/api/x/${manifest.id}`;
  const pathOf = (route: RouteManifest): string => (mount + route.path === '' ? '/' : mount + route.path);
  const router = createRouter(routerOptions);
  for (const route of manifest.routes) {
    const methods: HTTPMethod[] = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method as HTTPMethod];
    router.on(methods, pathOf(route), () => undefined, route);
  }

  const flight = createFlight();
  const held = new WeakMap<IncomingMessage, Held>();
  const scopeOf = (request: FastifyRequest): RequestScope => {
    const scope = held.get(request.raw)?.scope;
    if (scope === undefined) throw new Error('a request reached a cell past the root');
    return scope;
  };

  const fastify = Fastify({
    logger: false,
    requestIdHeader: false,
    genReqId: (raw) => held.get(raw)?.scope.requestId ?? '',
    return503OnClosing: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(held.get(request.raw)?.headers ?? {});
      sendError(error, request, reply, log);
    },
  });
  installErrorContract(fastify, log);
  fastify.setValidatorCompiler(createValidators({ regExp: linearRegExp }));
  fastify.setSerializerCompiler(lazySerializers);
  fastify.addHook('onRequest', (request, reply, done) => {
    const known = held.get(request.raw);
    if (known !== undefined) reply.headers(known.headers);
    // two routers must agree, or a request would run under another route's access rule
    done(known === undefined || request.routeOptions.config.cellRoute !== known.route ? NotFound({ message: 'There is nothing at this path.' }) : undefined);
  });
  await registerCellRoutes(fastify, { manifest, backend, log, pathOf, scopeOf, hold: flight.hold, maxFileBytes: options.maxFileBytes ?? defaultFileBytes, secureCookies: options.secureCookies ?? false });
  await fastify.ready();

  let freed: Promise<void> | null = null;

  async function free(timeoutMs: number): Promise<void> {
    if (!(await flight.landed(timeoutMs))) log.warn({ pluginId: manifest.id, version: manifest.version, inFlight: flight.count() }, 'a plugin version was freed with requests in flight');
    await fastify.close();
  }

  return {
    pluginId: manifest.id,
    version: manifest.version,
    match(method, path) {
      const found = router.find(method as HTTPMethod, path);
      return found === null ? null : { route: found.store as RouteManifest, params: found.params as Record<string, string> };
    },
    hold: flight.hold,
    handle(scope, route, request, response, headers) {
      if (freed !== null && flight.count() === 0) return refuseLate(scope, response, headers);
      flight.enter(response);
      held.set(request, { scope, route, headers });
      fastify.routing(request, response);
    },
    inFlight: () => flight.count(),
    drain: (timeoutMs) => (freed ??= free(timeoutMs)),
  };
}

/** Only a caller that neither held the cell nor looked it up again gets here. */
function refuseLate(scope: RequestScope, response: Parameters<Cell['handle']>[3], rootHeaders: Readonly<OutgoingHttpHeaders>): void {
  const { status, headers, body } = errorReply(Unavailable({ retryAfterSeconds: 1 }), scope.requestId);
  response.writeHead(status, { ...rootHeaders, ...headers, 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

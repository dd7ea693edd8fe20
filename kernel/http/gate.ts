import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NotFound, Unauthorized, Unavailable, ValidationError } from '@proofpix/sdk';
import type { Auth, Identity } from '../auth/contract.ts';
import { requireAccess } from './access.ts';
import { chooseCell } from './cell-choice.ts';
import type { CellDirectory } from './contract.ts';
import { withDeadline } from './deadline.ts';
import { methodNotAllowed } from './errors/http-fault.ts';
import { refuseForbiddenKeys } from './errors/error-contract.ts';
import type { Idempotency } from './idempotency/contract.ts';
import { type Maintenance, retryAfterSeconds } from './maintenance.ts';
import type { RateLimit } from './rate-limit.ts';
import type { KeyGate } from './key-gate.ts';
import type { LiveScope } from './scope.ts';

export interface GateDeps {
  auth: Auth;
  directory: CellDirectory;
  limit: RateLimit;
  maintenance: Pick<Maintenance, 'current'>;
  idempotency: Idempotency;
  keys: KeyGate;
  /** Methods that a kernel path has. */
  otherMethods(path: string): readonly string[];
  /** Names the plugin and route in metrics and logs. */
  onCell(request: FastifyRequest, pluginId: string, route: string): void;
  /** Where a plugin's route is mounted. */
  pathOfRoute(pluginId: string, path: string): string;
  authTimeoutMs: number;
}

type Outcome = { identity: Identity | null; error: unknown };

const authenticationLate = (): Error => Unavailable({ message: 'Authentication did not answer in time.', retryAfterSeconds: 1 });
const anonymous: Outcome = { identity: null, error: null };

/** The path without its query. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/**
 * What stands between the network and every handler, kernel route or cell: who asks, how often, may
 * they, was it asked before. A request for a cell leaves here and never comes back.
 */
export function createGate(deps: GateDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { auth, directory, limit, maintenance, idempotency, keys } = deps;

  async function identify(request: FastifyRequest): Promise<Outcome> {
    const { authorization, 'x-api-key': apiKey, 'x-team-id': teamId } = request.headers;
    if (authorization === undefined && apiKey === undefined) return anonymous;
    try {
      const credentials = apiKey === undefined ? { authorization, teamId: first(teamId) } : { authorization, apiKey: first(apiKey), teamId: first(teamId), address: request.scope.ip, request: { method: request.method, target: request.raw.url ?? '/', headers: request.headers } };
      return { identity: await withDeadline(auth.authenticate(credentials), deps.authTimeoutMs, authenticationLate), error: null };
    } catch (error) {
      return { identity: null, error };
    }
  }

  /** Sets who asks, counts the request, and says what was wrong with the credentials, if anything. */
  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { identity, error } = await identify(request);
    const scope = request.scope as LiveScope;
    scope.identity = identity;
    scope.tenantId = identity?.tenantId ?? null;
    const isKey = identity?.key !== undefined;
    if (isKey) {
      scope.endpoint = request.is404 ? null : `${request.method} ${request.routeOptions.url}`;
      keys.watch(reply, scope, identity);
    }
    await limit.take(request, reply);
    return isKey && identity.key?.signs === true ? proofOf(request, scope, identity) : error;
  }

  /** What is wrong with a signature beside the signature itself; who fails is nobody, as with any other bad credentials. */
  async function proofOf(request: FastifyRequest, scope: LiveScope, identity: Identity): Promise<unknown> {
    try {
      await withDeadline(keys.admit(request, identity), deps.authTimeoutMs, authenticationLate);
      return null;
    } catch (error) {
      scope.identity = null;
      scope.tenantId = null;
      return error;
    }
  }

  function refuseInMaintenance(identity: Identity | null): void {
    const state = maintenance.current();
    if (!state.on || identity?.principal.operator === true) return;
    throw Unavailable({ message: state.message ?? 'The service is under maintenance.', retryAfterSeconds: retryAfterSeconds(state, Date.now()), details: state.until === null ? {} : { until: state.until } });
  }

  async function kernelRoute(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    refuseForbiddenKeys(request);
    const { access, permission, identify: wanted, duringMaintenance, secretReply, limit: own } = request.routeOptions.config;
    // only the CORS plug-in's own OPTIONS route has no access: it answers nothing but 404
    if (access === undefined) return;
    if (access === 'public' && wanted !== true) {
      if (own !== false) await limit.take(request, reply);
    } else {
      const error = await admit(request, reply);
      if (error !== null && access !== 'public') throw error;
    }
    const { identity } = request.scope;
    if (duringMaintenance !== true) refuseInMaintenance(identity);
    const allowed = requireAccess(auth, { access, permission }, identity);
    if (allowed !== undefined) await allowed;
    if (request.method === 'POST' && secretReply !== true) await idempotency.begin(request, reply, request.routeOptions.url ?? '');
  }

  async function cellRoute(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    refuseForbiddenKeys(request);
    const path = pathOf(request.raw.url ?? '/');
    const pluginId = directory.ownerOf(path);
    const error = await admit(request, reply);
    if (pluginId === null) {
      const allow = deps.otherMethods(path);
      if (allow.length > 0) throw methodNotAllowed(allow);
      return;
    }
    const scope = request.scope as LiveScope;
    // a plugin that only tenants run: who has no tenant yet learns that credentials are missing, not that the path is
    if (scope.identity === null && directory.cellFor(pluginId, null) === null) throw error ?? Unauthorized();
    const query = request.query as Record<string, unknown>;
    const question = { pluginId, method: request.method, path, query, headers: request.headers };
    let choice = chooseCell(directory, { ...question, identity: scope.identity });
    if (choice.named !== null && scope.identity !== null) {
      refuseOtherTeam(request, choice.named);
      if (choice.named !== scope.identity.tenantId) {
        scope.identity = await entered(scope.identity, choice.named);
        choice = chooseCell(directory, { ...question, identity: scope.identity });
      }
    }
    if (choice.link !== null && scope.identity !== null && choice.route.access !== 'public') scope.identity = guestOf(scope.identity, choice.tenantId);
    const { cell, route } = choice;
    const release = cell.hold();
    try {
      deps.onCell(request, pluginId, route.path);
      if (scope.identity?.key !== undefined) scope.endpoint = `${request.method} ${deps.pathOfRoute(pluginId, route.path)}`;
      refuseInMaintenance(scope.identity);
      if (route.access !== 'public' && error !== null) throw error;
      const allowed = requireAccess(auth, route, scope.identity);
      if (allowed !== undefined) await allowed;
      scope.tenantId = choice.tenantId;
      scope.link = choice.link;
      if (request.method === 'POST' && route.secretReply !== true) await idempotency.begin(request, reply, `${pluginId} ${route.path}`);
      if (reply.sent) return;
      reply.hijack();
      cell.handle(scope, route, request.raw, reply.raw, reply.getHeaders() as OutgoingHttpHeaders);
    } finally {
      release();
    }
  }

  /** Not a member and no such tenant look the same. */
  async function entered(identity: Identity, tenantId: string): Promise<Identity> {
    const found = await withDeadline(auth.enter(identity, tenantId), deps.authTimeoutMs, authenticationLate);
    if (found === null) throw NotFound();
    return found;
  }

  return (request, reply) => (request.is404 ? cellRoute(request, reply) : kernelRoute(request, reply));
}

/** @throws VALIDATION_ERROR for a request that names two tenants: nobody can tell which one was meant */
function refuseOtherTeam(request: FastifyRequest, named: string): void {
  const header = first(request.headers['x-team-id']);
  if (header === undefined || header === '' || header.toLowerCase() === named) return;
  throw ValidationError({ message: 'X-Team-Id names another team than the path.', details: { field: 'headers.x-team-id', issue: 'differs from the path' } });
}

/** A signed-in user in the tenant of a link, where they have no role, whatever they have elsewhere. */
const guestOf = (identity: Identity, tenantId: string | null): Identity => ({ ...identity, tenantId, role: null, roleGrant: null, customRoles: [] });

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

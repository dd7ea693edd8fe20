import { NotFound, type RouteManifest } from '@proofpix/sdk';
import type { Identity } from '../auth/contract.ts';
import type { Cell, CellDirectory } from './contract.ts';
import { methodNotAllowed } from './errors/http-fault.ts';

/** The route that answers a request, in the version that its tenant runs. */
export interface CellChoice {
  cell: Cell;
  route: RouteManifest;
  /** Null for a public route that runs without tenant data. */
  tenantId: string | null;
  link: { purpose: string; id: string } | null;
  /** Tenant that the path names: the request belongs there, whatever tenant its caller is in now. */
  named: string | null;
}

export interface CellQuestion {
  pluginId: string;
  method: string;
  path: string;
  identity: Identity | null;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function notFound(cell: Cell | null, question: CellQuestion): Error {
  const allow = cell === null ? [] : methods.filter((method) => cell.match(method, question.path) !== null);
  return allow.length === 0 ? NotFound({ message: 'There is nothing at this path.' }) : methodNotAllowed(allow);
}

/** A token that is missing, malformed, expired or another plugin's names nothing: the caller learns no more than that. */
function linkOf(directory: CellDirectory, question: CellQuestion, route: RouteManifest, params: Record<string, string>): { tenantId: string; id: string } {
  const source = route.tenantFrom;
  const from = source === undefined ? {} : { params, query: question.query, headers: question.headers }[source.in];
  const token = source === undefined ? undefined : from[source.in === 'headers' ? source.name.toLowerCase() : source.name];
  const link = source !== undefined && typeof token === 'string' ? directory.verifyLink(question.pluginId, source.purpose, token) : null;
  if (link === null) throw NotFound({ message: 'This link is not valid, or no longer.' });
  return link;
}

const namedIn = ({ route, params }: { route: RouteManifest; params: Record<string, string> }): string | null => (route.tenantParam === undefined ? null : (params[route.tenantParam] ?? '').toLowerCase());

/**
 * Which cell and route a request is for. A public route belongs to the tenant of its link, or to the
 * deployment's version without tenant data, a user route with a link to the link's tenant; any other to
 * the caller's tenant. Where the path names a tenant the answer says so, and the one to be asked again
 * is the caller in that tenant: its version may be another.
 *
 * @throws NOT_FOUND for an unknown path, a plugin that is disabled there, or a link that names nothing;
 *   METHOD_NOT_ALLOWED for a path that has other methods
 */
export function chooseCell(directory: CellDirectory, question: CellQuestion): CellChoice {
  const { pluginId, identity, method, path } = question;
  const tenantId = identity?.tenantId ?? null;
  const own = directory.cellFor(pluginId, tenantId);
  const ownMatch = own?.match(method, path) ?? null;
  if (own !== null && ownMatch !== null && ownMatch.route.access !== 'public') {
    // who asks comes before what the link says
    if (ownMatch.route.tenantFrom === undefined || identity === null) return { cell: own, route: ownMatch.route, tenantId, link: null, named: namedIn(ownMatch) };
    return linkChoice(directory, question, ownMatch.route, ownMatch.params);
  }
  const deployment = tenantId === null ? own : directory.cellFor(pluginId, null);
  // a plugin that is off in the caller's own tenant still answers links into other tenants
  const match = ownMatch ?? deployment?.match(method, path) ?? null;
  if (match === null || (match.route.access !== 'public' && match.route.tenantFrom === undefined && match.route.tenantParam === undefined)) throw notFound(own, question);
  const named = namedIn(match);
  // a plugin that is off in the caller's own tenant may be on in the one that the path names
  if (deployment !== null && named !== null && named !== tenantId) return { cell: deployment, route: match.route, tenantId, link: null, named };
  if (named !== null) throw notFound(own, question);
  if (match.route.tenantFrom === undefined) return openChoice(deployment, question, 'public', null, null);
  return linkChoice(directory, question, match.route, match.params);
}

function linkChoice(directory: CellDirectory, question: CellQuestion, route: RouteManifest, params: Record<string, string>): CellChoice {
  const link = linkOf(directory, question, route, params);
  return openChoice(directory.cellFor(question.pluginId, link.tenantId), question, route.access, link.tenantId, { purpose: route.tenantFrom?.purpose ?? '', id: link.id });
}

/** The version that finally answers may be another one, where the path must still be open in the same way. */
function openChoice(cell: Cell | null, question: CellQuestion, access: RouteManifest['access'], tenantId: string | null, link: CellChoice['link']): CellChoice {
  const route = cell?.match(question.method, question.path)?.route;
  if (cell === null || route === undefined || route.access !== access || route.tenantFrom?.purpose !== link?.purpose) throw notFound(null, question);
  return { cell, route, tenantId, link, named: null };
}

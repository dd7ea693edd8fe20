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

/**
 * Which cell and route a request is for. A public route belongs to the tenant of its link, or to the
 * deployment's version without tenant data; any other to the caller's tenant.
 *
 * @throws NOT_FOUND for an unknown path, a plugin that is disabled there, or a link that names nothing;
 *   METHOD_NOT_ALLOWED for a path that has other methods
 */
export function chooseCell(directory: CellDirectory, question: CellQuestion): CellChoice {
  const { pluginId, identity, method, path } = question;
  const tenantId = identity?.tenantId ?? null;
  const own = directory.cellFor(pluginId, tenantId);
  const ownMatch = own?.match(method, path) ?? null;
  if (own !== null && ownMatch !== null && ownMatch.route.access !== 'public') return { cell: own, route: ownMatch.route, tenantId, link: null };
  const deployment = tenantId === null ? own : directory.cellFor(pluginId, null);
  // a plugin that is off in the caller's own tenant still answers links into other tenants
  const match = ownMatch ?? deployment?.match(method, path) ?? null;
  if (match === null || match.route.access !== 'public') throw notFound(own, question);
  if (match.route.tenantFrom === undefined) return publicChoice(deployment, question, null, null);
  const link = linkOf(directory, question, match.route, match.params);
  return publicChoice(directory.cellFor(pluginId, link.tenantId), question, link.tenantId, { purpose: match.route.tenantFrom.purpose, id: link.id });
}

/** The version that finally answers may be another one, where the path must still be public in the same way. */
function publicChoice(cell: Cell | null, question: CellQuestion, tenantId: string | null, link: CellChoice['link']): CellChoice {
  const route = cell?.match(question.method, question.path)?.route;
  if (cell === null || route === undefined || route.access !== 'public' || route.tenantFrom?.purpose !== link?.purpose) throw notFound(null, question);
  return { cell, route, tenantId, link };
}

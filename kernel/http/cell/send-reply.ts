import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteManifest } from '@proofpix/sdk';
import type { ReplyWire } from '@proofpix/sdk/runtime';
import type { Logger } from '../../log.ts';
import type { CellBackend, RequestScope } from '../contract.ts';
import { sendFile, type FileWire } from './file-reply.ts';
import { setPluginHeaders } from './reply-headers.ts';

export interface ReplyContext {
  pluginId: string;
  route: RouteManifest;
  backend: CellBackend;
  scope: RequestScope;
  log: Logger;
}

function statusOf(wire: ReplyWire, route: RouteManifest): number {
  if (wire.status === undefined) return route.status ?? 200;
  if (!Number.isInteger(wire.status) || wire.status < 200 || wire.status > 599) throw new Error('the plugin answered with a status outside 200 to 599');
  return wire.status;
}

/** The content type the plugin names, if its manifest does as well. */
function contentType(wire: ReplyWire, route: RouteManifest, otherwise: string): string {
  const entry = Object.entries(wire.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type');
  const named = typeof entry?.[1] === 'string' ? entry[1] : route.produces?.[0];
  const media = named?.split(';')[0]?.trim().toLowerCase();
  const declared = media !== undefined && (route.produces ?? []).some((type) => type.toLowerCase().split(';')[0]?.trim() === media);
  return named !== undefined && declared && /^[\x20-\x7e]{1,200}$/.test(named) ? named : otherwise;
}

function isFile(file: unknown): file is FileWire {
  const { id, filename, mimeType } = (file ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && (filename === undefined || typeof filename === 'string') && (mimeType === undefined || typeof mimeType === 'string');
}

/** Turns what came over the wall into HTTP. The wall's other side may be hostile: every part is checked. */
export async function sendReply(request: FastifyRequest, reply: FastifyReply, wire: ReplyWire, context: ReplyContext): Promise<FastifyReply> {
  const { route, pluginId } = context;
  const status = statusOf(wire, route);
  if (wire.headers !== undefined && wire.headers !== null) {
    const refused = setPluginHeaders(reply, wire.headers, pluginId);
    if (refused.length > 0) context.log.warn({ pluginId, route: route.name, headers: refused }, 'the plugin may not set these headers');
  }
  reply.code(status);
  if (isFile(wire.file)) return sendFile(request, reply, context.backend, context.scope, wire.file, status);
  if (typeof wire.text === 'string') return reply.type(contentType(wire, route, 'text/plain; charset=utf-8')).send(wire.text);
  if (typeof wire.base64 === 'string') return reply.type(contentType(wire, route, 'application/octet-stream')).send(Buffer.from(wire.base64, 'base64'));
  if (status === 204 || status === 304 || wire.json === undefined) return reply.send();
  reply.type('application/json; charset=utf-8');
  // null is JSON, and a bare string or number too: the framework would send them as text
  if (route.response === undefined || status < 200 || status > 299) reply.serializer(JSON.stringify);
  return wire.json === null || typeof wire.json !== 'object' ? reply.serializer(String).send(JSON.stringify(wire.json)) : reply.send(wire.json);
}

import type { FastifyReply } from 'fastify';

/** What a plugin may set. Cookies, security headers and what proxies act upon are the host's alone. */
const settable = new Set(['cache-control', 'content-disposition', 'content-language', 'etag', 'expires', 'last-modified', 'location', 'retry-after', 'vary', 'deprecation', 'sunset']);
const sane = /^[\t\x20-\x7e]{0,4096}$/;
const maxHeaders = 32;

/** A redirect leads to the web or to this server, never to a script. */
function isWebTarget(value: string): boolean {
  const url = URL.parse(value, 'https://here.invalid');
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

function isSettable(name: string, value: unknown, pluginId: string): value is string {
  if (typeof value !== 'string' || !sane.test(value)) return false;
  if (name === 'location') return isWebTarget(value);
  // of resumable uploads (tus 1.0.0); they mean nothing to anybody else
  if (/^(upload|tus)-[a-z-]{1,40}$/.test(name)) return true;
  return settable.has(name) || (name.startsWith(`x-${pluginId}-`) && /^[a-z0-9-]{1,80}$/.test(name));
}

/** Sets the headers that may be set; returns the names of the others, for the plugin's log. */
export function setPluginHeaders(reply: FastifyReply, headers: Readonly<Record<string, unknown>>, pluginId: string): string[] {
  const refused: string[] = [];
  let count = 0;
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    // decided by the kind of the reply
    if (name === 'content-type') continue;
    count += 1;
    if (count > maxHeaders || !isSettable(name, value, pluginId)) {
      refused.push(name.slice(0, 80));
      continue;
    }
    if (name !== 'vary') reply.header(name, value);
    else reply.header('vary', [reply.getHeader('vary'), value].filter((part) => part !== undefined).join(', '));
  }
  return refused;
}

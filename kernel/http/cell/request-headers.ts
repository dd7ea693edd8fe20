import type { IncomingHttpHeaders } from 'node:http';

/** Credentials, and what belongs to the connection or to proxies, not to the plugin. */
const withheld = new Set(['authorization', 'cookie', 'x-api-key', 'proxy-authorization', 'proxy-authenticate', 'proxy-connection', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'forwarded', 'x-real-ip', '__proto__']);

/** The headers a plugin sees: lower-case names, repeated ones joined. */
export function pluginHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || withheld.has(name) || name.startsWith('x-forwarded-')) continue;
    seen[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return seen;
}

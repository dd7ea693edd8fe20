import { createHash, randomBytes } from 'node:crypto';

/**
 * Tells browsers apart for routes that declare `browser`, so that a flow which leaves the site and comes
 * back can be held to the browser that began it. The cookie stays with the host; a plugin gets a hash of
 * it and its own id, so that two plugins cannot compare notes.
 */
export interface BrowserId {
  /** For the plugin. */
  id: string;
  /** The `Set-Cookie` line for a browser that has none yet. */
  setCookie: string | null;
}

const plainName = 'proofpix-browser';
/** The prefix keeps other hosts of the domain from setting it (RFC 6265bis, section 4.1.3.2). */
const secureName = `__Host-${plainName}`;
const shape = /^[A-Za-z0-9_-]{43}$/;

function cookieNamed(name: string, header: string | undefined): string | null {
  const values = (header ?? '').split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  // two of one name: somebody planted one, and which came first proves nothing
  return values.length === 1 && shape.test(values[0] as string) ? (values[0] as string) : null;
}

/** Lax, because the browser comes back by a navigation from the other site. */
export function browserOf(cookieHeader: string | undefined, pluginId: string, secure: boolean): BrowserId {
  const name = secure ? secureName : plainName;
  const known = cookieNamed(name, cookieHeader);
  const value = known ?? randomBytes(32).toString('base64url');
  return {
    id: createHash('sha256').update(`${pluginId}\0${value}`).digest('base64url'),
    setCookie: known === null ? `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}` : null,
  };
}

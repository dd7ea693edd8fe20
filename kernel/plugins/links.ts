import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Link {
  tenantId: string;
  pluginId: string;
  purpose: string;
  id: string;
  expiresInSeconds: number | null;
}

/**
 * Tokens by which a public route finds its tenant: `base64url(JSON).base64url(HMAC-SHA-256)`
 * (RFC 2104). The signature covers plugin and purpose, so a token of one is nothing to another.
 */
export interface LinkSigner {
  sign(link: Link): string;
  /** Null for anything that this deployment did not sign for this plugin and purpose, or that has expired. */
  verify(pluginId: string, purpose: string, token: string): { tenantId: string; id: string } | null;
}

/** Longer tokens are no tokens of ours. */
const maxTokenLength = 1024;

export function openLinks(key: Uint8Array, now: () => number = Date.now): LinkSigner {
  const tag = (pluginId: string, purpose: string, body: string): Buffer => createHmac('sha256', key).update(JSON.stringify([pluginId, purpose, body])).digest();
  return {
    sign(link) {
      const expires = link.expiresInSeconds === null ? null : Math.floor(now() / 1000) + link.expiresInSeconds;
      const body = Buffer.from(JSON.stringify([link.tenantId, link.id, expires])).toString('base64url');
      return `${body}.${tag(link.pluginId, link.purpose, body).toString('base64url')}`;
    },
    verify(pluginId, purpose, token) {
      const [body, signature, ...rest] = token.length > maxTokenLength ? [] : token.split('.');
      if (body === undefined || signature === undefined || rest.length > 0) return null;
      const given = Buffer.from(signature, 'base64url');
      const wanted = tag(pluginId, purpose, body);
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
      const [tenantId, id, expires] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [string, string, number | null];
      return expires !== null && expires * 1000 <= now() ? null : { tenantId, id };
    },
  };
}

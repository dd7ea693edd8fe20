import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * A handle is `h_` and base64url of: kind (1) | expiry in seconds since the epoch (6) | file id (16) | mac (16). The
 * mac (HMAC-SHA-256, cut to 128 bits) also covers the tenant, which is not inside: in another tenant a handle is noise.
 */
const prefix = 'h_';
const bodyBytes = 1 + 6 + 16;
const macBytes = 16;

/** An `upload` belongs to the plugin that took it; a `share` may be read by any plugin of the tenant. */
export type HandleKind = 'upload' | 'share';

const kinds: readonly HandleKind[] = ['upload', 'share'];

export interface Handle {
  kind: HandleKind;
  /** lower-case uuid */
  fileId: string;
  /** milliseconds since the epoch */
  expiresAt: number;
}

export interface Handles {
  sign(tenantId: string, handle: Handle): string;
  /** Null when it was not made for this tenant, was changed, or has expired. */
  verify(tenantId: string, text: string): Handle | null;
}

export const isHandle = (text: string): boolean => text.startsWith(prefix);

export function handlesFrom(key: Uint8Array): Handles {
  const macOf = (tenantId: string, body: Buffer): Buffer => createHmac('sha256', key).update(`file handle ${tenantId} `).update(body).digest().subarray(0, macBytes);
  return {
    sign(tenantId, handle) {
      const body = Buffer.alloc(bodyBytes);
      body.writeUInt8(kinds.indexOf(handle.kind), 0);
      body.writeUIntBE(Math.floor(handle.expiresAt / 1000), 1, 6);
      body.write(handle.fileId.replaceAll('-', ''), 7, 'hex');
      return prefix + Buffer.concat([body, macOf(tenantId, body)]).toString('base64url');
    },
    verify(tenantId, text) {
      const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
      if (!isHandle(text) || bytes.length !== bodyBytes + macBytes || prefix + bytes.toString('base64url') !== text) return null;
      const body = bytes.subarray(0, bodyBytes);
      if (!timingSafeEqual(bytes.subarray(bodyBytes), macOf(tenantId, body))) return null;
      const kind = kinds[body.readUInt8(0)];
      const expiresAt = body.readUIntBE(1, 6) * 1000;
      if (kind === undefined || expiresAt <= Date.now()) return null;
      const hex = body.toString('hex', 7);
      const fileId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
      return { kind, fileId, expiresAt };
    },
  };
}

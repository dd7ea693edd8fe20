/**
 * When a bearer token ends, in milliseconds since the epoch (RFC 7519, section 4.1.4); null for anything without that.
 * It is read, not verified: ask only after the token was accepted.
 */
export function tokenExpiryMs(authorization: string | undefined): number | null {
  const payload = authorization?.replace(/^Bearer\s+/i, '').split('.')[1];
  if (payload === undefined) return null;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1_000 : null;
  } catch {
    return null;
  }
}

import type { Auth } from './contract.ts';
import type { Identities } from './identities.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** How a session goes from one of its user's tenants to another. */
export function entering(identities: Identities): Auth['enter'] {
  return async (identity, tenantId) => {
    if (identity.tenantId === tenantId) return identity;
    const { kind, userId } = identity.principal;
    if (kind !== 'user' || userId === null || identity.credentialId === null || !uuid.test(tenantId)) return null;
    const found = await identities.ofSession(identity.credentialId, userId, tenantId);
    return 'identity' in found ? found.identity : null;
  };
}

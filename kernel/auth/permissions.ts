import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { boundedMap } from './bounded-map.ts';
import type { AuthChanges } from './changes.ts';
import type { Auth, Identity, PermissionDirectory } from './contract.ts';
import { kernelRolesWith } from './kernel-permissions.ts';

const maxCached = 5_000;
const builtInRoles: ReadonlySet<string> = new Set(['owner', 'admin', 'member', 'viewer']);

/** `*` stands for all actions of one plugin; there is nothing wider. */
const covers = (granted: readonly string[], permission: string): boolean => granted.includes(permission) || granted.includes(`${permission.slice(0, permission.indexOf(':'))}:*`);

/**
 * Deny by default. Allowed is
 *
 * - a role that an enabled plugin names for the permission, or a custom role that lists it;
 * - the owner of the resource, in their tenant, for a permission that an enabled plugin declares for any role;
 * - the system itself within a tenant (cron and the like: what a plugin may do is bounded by its capabilities).
 *
 * An API key can only narrow this. Being an operator gives nothing inside a tenant.
 */
export function permissionCheck(options: { database: Database; permissions: PermissionDirectory; changes: AuthChanges }): Auth['can'] {
  const { database, permissions, changes } = options;
  const customRoles = boundedMap<{ tenantId: string; granted: readonly string[] }>(maxCached);
  let epoch = 0;

  changes.onChange((change) => {
    epoch += 1;
    for (const [key, role] of customRoles.entries()) if (change.tenantId === undefined || change.tenantId === role.tenantId) customRoles.delete(key);
  });
  changes.onGap(() => {
    epoch += 1;
    customRoles.clear();
  });

  async function grantedTo(tenantId: string, roleId: string): Promise<readonly string[]> {
    const key = `${tenantId} ${roleId}`;
    const cached = customRoles.get(key);
    if (cached !== undefined) return cached.granted;
    const before = epoch;
    const [row] = await database.tenant(tenantId, (em) => statement<{ permissions: string[] }>(em, 'select permissions from kernel.roles where tenant_id = $1 and id::text = $2', [tenantId, roleId]));
    const granted = row?.permissions ?? [];
    if (epoch === before) customRoles.set(key, { tenantId, granted });
    return granted;
  }

  return async (identity: Identity, permission, resource) => {
    const { tenantId, role, principal, scope } = identity;
    if (tenantId === null || principal.kind === 'public') return false;
    if (scope !== null && !covers(scope, permission)) return false;
    if (principal.kind === 'system') return true;
    if (role === null) return false;
    const roles = kernelRolesWith(permission) ?? permissions.rolesWith(tenantId, permission);
    if (roles.includes(role)) return true;
    if (resource?.ownerId !== undefined && resource.ownerId === principal.userId && roles.length > 0) return true;
    return !builtInRoles.has(role) && covers(await grantedTo(tenantId, role), permission);
  };
}

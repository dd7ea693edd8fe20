import type { DeclaredPermission, Explanation, Identity, Obstacle, PermissionDirectory, Reason } from './contract.ts';

/** What a decision knows of a custom role. */
export interface CustomRole {
  name: string;
  permissions: ReadonlySet<string>;
}

/** Everything a decision rests on; nothing is looked up elsewhere. */
export interface Facts {
  identity: Identity;
  directory: PermissionDirectory;
  /** Null for a role that is no more. */
  customRole(roleId: string): CustomRole | null;
}

const builtInRoles: ReadonlySet<string> = new Set(['owner', 'admin', 'member', 'viewer']);

/** Whether a role is one of those that every team has; any other is a custom role's id. */
export const isBuiltInRole = (role: string): boolean => builtInRoles.has(role);

/** `files:*` for `files:read`; the namespace is what declares it: a plugin's id, or one of the kernel's own. */
const wildcardOf = (permission: string): string => `${permission.slice(0, permission.indexOf(':'))}:*`;

/** The entry of a list that covers the permission, or null. `*` stands for all actions of one plugin; there is nothing wider. */
function entryFor(has: (entry: string) => boolean, permission: string): string | null {
  if (has(permission)) return permission;
  const wildcard = wildcardOf(permission);
  return has(wildcard) ? wildcard : null;
}

function* reasonsOf({ identity, customRole }: Facts, declared: DeclaredPermission, resource: { ownerId?: string } | undefined): Generator<Reason> {
  const { role, roleGrant, customRoles, principal } = identity;
  if (role === null) return;
  const { permission, roles, declaredBy } = declared;
  if (isBuiltInRole(role)) {
    if (roles.includes(role)) yield { by: 'built-in-role', role, declaredBy, grantedBy: roleGrant?.by ?? null, grantedAt: roleGrant?.at ?? null };
  }
  for (const { roleId, by, at } of isBuiltInRole(role) ? customRoles : [{ roleId: role, by: roleGrant?.by ?? null, at: roleGrant?.at ?? null }, ...customRoles]) {
    const found = customRole(roleId);
    const entry = found === null ? null : entryFor((one) => found.permissions.has(one), permission);
    if (found !== null && entry !== null) yield { by: 'custom-role', roleId, roleName: found.name, entry, grantedBy: by, grantedAt: at };
  }
  if (resource?.ownerId !== undefined && resource.ownerId === principal.userId && roles.length > 0) yield { by: 'ownership', ownerId: resource.ownerId, declaredBy };
}

function* obstaclesOf({ identity, directory }: Facts, permission: string, declared: DeclaredPermission | null, reasons: readonly Reason[]): Generator<Obstacle> {
  const { tenantId, role, scope, principal } = identity;
  if (principal.kind === 'public') yield { code: 'not-signed-in' };
  else if (tenantId === null || (role === null && principal.kind !== 'system')) yield { code: 'not-a-member' };
  else if (reasons.length === 0) {
    const namespace = permission.slice(0, permission.indexOf(':'));
    if (declared !== null) yield { code: 'no-role-has-it', builtInRoles: [...declared.roles] };
    else yield { code: directory.isEnabled(tenantId, namespace) ? 'not-declared' : 'plugin-not-enabled', pluginId: namespace };
  }
  if (scope !== null && entryFor((one) => scope.includes(one), permission) === null) yield { code: 'outside-key-scope', scope: [...scope] };
}

/**
 * The one place where a permission is decided. Deny by default; a reason is
 *
 * - a built-in role that an enabled plugin (or the kernel) names for the permission;
 * - a custom role that lists it, as long as an enabled plugin declares it;
 * - owning the resource, for a permission that an enabled plugin declares for any role at all;
 * - being the system at work within a tenant (cron): what a plugin may do is bounded by its capabilities.
 *
 * An API key can only narrow this, and operator rights give nothing inside a tenant. Every reason is named,
 * not only the first: whoever takes one role away wants to know what is left.
 */
export function decide(facts: Facts, permission: string, resource?: { ownerId?: string }): Explanation {
  const { identity, directory } = facts;
  const declared = identity.tenantId === null ? null : directory.find(identity.tenantId, permission);
  const reasons: Reason[] = [];
  if (identity.tenantId !== null && identity.principal.kind !== 'public') {
    if (identity.principal.kind === 'system') reasons.push({ by: 'system' });
    else if (declared !== null) reasons.push(...reasonsOf(facts, declared, resource));
  }
  const obstacles = [...obstaclesOf(facts, permission, declared, reasons)];
  return { permission, allowed: reasons.length > 0 && obstacles.length === 0, reasons, obstacles };
}

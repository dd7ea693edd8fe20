import type { Identity, PermissionDirectory } from '../contract.ts';
import { type CustomRole, decide } from '../decision.ts';

/** Somebody in a team, as the transaction that locks them sees them. */
export interface Holder {
  /** With their role, the custom roles that they were given beside, and what their key is limited to. */
  identity: Identity & { tenantId: string };
  directory: PermissionDirectory;
  /** Custom roles by id; more than their own do no harm. */
  roles: ReadonlyMap<string, CustomRole>;
}

/**
 * Whether they hold what a role's line stands for. `<plugin>:*` also covers what the plugin may declare one day, so it is
 * held only by owners and by who was given the same, and only while the plugin declares anything.
 */
export function heldBy({ identity, directory, roles }: Holder): (entry: string) => boolean {
  const { tenantId, role, customRoles, scope } = identity;
  const facts = { identity, directory, customRole: (id: string) => roles.get(id) ?? null };
  const own = [role, ...customRoles.map(({ roleId }) => roleId)].flatMap((id) => (id === null ? [] : (roles.get(id) ?? [])));
  const holdsOne = (permission: string): boolean => decide(facts, permission).allowed;
  return (entry) => {
    if (!entry.endsWith(':*')) return holdsOne(entry);
    const declared = directory.list(tenantId).filter(({ permission }) => permission.startsWith(entry.slice(0, -1)));
    const isGiven = role === 'owner' || own.some(({ permissions }) => permissions.has(entry));
    return isGiven && declared.length > 0 && (scope === null || scope.includes(entry)) && declared.every(({ permission }) => holdsOne(permission));
  };
}

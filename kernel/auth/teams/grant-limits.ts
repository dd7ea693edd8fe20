import type { EntityManager } from '@mikro-orm/postgresql';
import { NotFound } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';
import type { PermissionDirectory } from '../contract.ts';
import { type CustomRole, isBuiltInRole } from '../decision.ts';
import { heldBy, type Holder } from '../roles/held.ts';
import { linesOf } from '../roles/role-limits.ts';

/** Who gives a role, as the transaction that locks them sees them. */
export interface Giver {
  tenantId: string;
  userId: string;
  /** role of their membership */
  role: string;
  /** permissions that the key they use is limited to; null is no limit */
  scope: readonly string[] | null;
}

/** Whether the giver holds everything that a role holds: only then may they give it, or change and remove who has it. */
export type MayGive = (em: EntityManager, giver: Giver, role: string) => Promise<boolean>;

const rankOf: Readonly<Record<string, number>> = { viewer: 1, member: 2, admin: 3, owner: 4 };

/** @throws NOT_FOUND unless the role is built in or one of the tenant's. Locks it, so that it is not edited or deleted meanwhile. */
export async function requireKnownRole(em: EntityManager, tenantId: string, role: string): Promise<void> {
  if (isBuiltInRole(role)) return;
  const found = await statement(em, 'select 1 from kernel.roles where tenant_id = $1 and id::text = $2 for share', [tenantId, role]);
  if (found.length === 0) throw NotFound({ message: 'There is no such role.' });
}

interface RoleRow {
  id: string;
  name: string;
  permissions: string[];
}

/** The giver as decisions see them, and every custom role that matters, locked until the transaction ends. */
async function factsOf(em: EntityManager, { tenantId, userId, role, scope }: Giver, wanted: string): Promise<Pick<Holder, 'identity' | 'roles'>> {
  const assigned = await statement<{ roleId: string }>(em, 'select role_id as "roleId" from kernel.role_assignments where tenant_id = $1 and user_id = $2 order by role_id for share', [tenantId, userId]);
  const ids = [...assigned.map(({ roleId }) => roleId), role, wanted].filter((one) => !isBuiltInRole(one));
  const rows = ids.length === 0 ? [] : await statement<RoleRow>(em, 'select id, name, permissions from kernel.roles where tenant_id = $1 and id::text = any($2::text[]) order by id for share', [tenantId, ids]);
  const roles = new Map<string, CustomRole>(rows.map(({ id, name, permissions }) => [id, { name, permissions: new Set(permissions) }]));
  const identity: Holder['identity'] = {
    principal: { kind: 'user', userId, credentialId: null, operator: false },
    tenantId,
    role,
    roleGrant: null,
    customRoles: assigned.map(({ roleId }) => ({ roleId, by: null, at: '' })),
    credentialId: null,
    impersonatorId: null,
    scope,
  };
  return { identity, roles };
}

/**
 * The limits of giving: owners give anything, built-in roles those below and beside them but for owner, and
 * everybody else what they hold every line of.
 */
export function grantLimits({ permissions }: { permissions: PermissionDirectory }): MayGive {
  return async (em, giver, role) => {
    const rank = giver.scope === null ? (rankOf[giver.role] ?? 0) : 0;
    if (rank === rankOf['owner']) return true;
    if (role === 'owner') return false;
    if (rank > 0 && rank >= (rankOf[role] ?? Infinity)) return true;
    const { identity, roles } = await factsOf(em, giver, role);
    return linesOf(permissions, giver.tenantId, role, [...(roles.get(role)?.permissions ?? [])]).every(heldBy({ identity, directory: permissions, roles }));
  };
}

import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, type JsonObject, NotFound, QuotaExceeded, ValidationError } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';
import type { PermissionDirectory } from '../contract.ts';
import { isBuiltInRole } from '../decision.ts';
import type { RoleChange, RoleOutcome } from './contract.ts';
import type { Holdings } from './holdings.ts';
import { linesOf, requireDeclared, requireDescription, requireHeld, requireRoleName, roleLimits, stillDeclared } from './role-limits.ts';

export interface RoleRow {
  id: string;
  name: string;
  description: string;
  permissions: string[];
}

/** One transaction that changes roles. */
export interface RoleTransaction {
  em: EntityManager;
  tenantId: string;
  directory: PermissionDirectory;
  /** of the caller, at the beginning */
  holdings: Holdings;
  callerId: string;
  /** roles that steps have read; who changes one takes it out */
  known: Map<string, RoleRow>;
}

type Step<Op extends RoleChange['op']> = (tx: RoleTransaction, change: Extract<RoleChange, { op: Op }>) => Promise<RoleOutcome>;

const noRole = () => NotFound({ message: 'There is no such role.' });

/** A custom role, locked. @throws NOT_FOUND; CONFLICT for a built-in one, which nobody changes */
async function customRole(tx: RoleTransaction, roleId: string): Promise<RoleRow> {
  if (isBuiltInRole(roleId)) throw Conflict({ message: 'A role that every team has is not changed.', details: { field: 'roleId', issue: 'is built in' } });
  const [role] = await statement<RoleRow>(tx.em, 'select id, name, description, permissions from kernel.roles where tenant_id = $1 and id::text = $2 for update', [tx.tenantId, roleId]);
  if (role === undefined) throw noRole();
  tx.known.delete(role.id);
  return role;
}

async function requireFreeName({ em, tenantId }: RoleTransaction, name: string, roleId: string | null): Promise<void> {
  const taken = await statement(em, 'select 1 from kernel.roles where tenant_id = $1 and lower(name) = lower($2) and id::text is distinct from $3', [tenantId, name, roleId]);
  if (taken.length > 0) throw Conflict({ message: `There is a role with the name ${name}.`, details: { field: 'name', issue: 'is taken' } });
}

/** What of a role the audit log keeps. */
const kept = ({ name, description, permissions }: Omit<RoleRow, 'id'>): JsonObject => ({ name, description, permissions: [...permissions] });

export const createRole: Step<'create'> = async (tx, change) => {
  const { em, tenantId, directory, holdings, callerId } = tx;
  const row: RoleRow = { id: randomUUID(), name: requireRoleName(change.name), description: requireDescription(change.description), permissions: requireDeclared(directory, tenantId, change.permissions) };
  requireHeld(holdings, row.permissions);
  await requireFreeName(tx, row.name, null);
  const [count] = await statement<{ roles: number }>(em, 'select count(*)::int as roles from kernel.roles where tenant_id = $1', [tenantId]);
  if ((count?.roles ?? 0) >= roleLimits.rolesOfTeam) throw QuotaExceeded({ message: `A team has ${roleLimits.rolesOfTeam} roles at the most.`, details: { quota: 'customRoles', limit: roleLimits.rolesOfTeam } });
  await statement(em, 'insert into kernel.roles (tenant_id, id, name, description, permissions, created_by) values ($1, $2, $3, $4, $5::jsonb, $6)', [tenantId, row.id, row.name, row.description, JSON.stringify(row.permissions), callerId]);
  return { op: 'create', target: row.id, changed: true, before: null, after: kept(row), userIds: [] };
};

export const updateRole: Step<'update'> = async (tx, change) => {
  const { em, tenantId, directory, holdings } = tx;
  const before = await customRole(tx, change.roleId);
  const after: RoleRow = {
    id: before.id,
    name: change.name === undefined ? before.name : requireRoleName(change.name),
    description: change.description === undefined ? before.description : requireDescription(change.description),
    permissions: change.permissions === undefined ? before.permissions : requireDeclared(directory, tenantId, change.permissions),
  };
  // what one could not give, one does not take from those who have it either
  requireHeld(holdings, [...new Set([...stillDeclared(directory, tenantId, before.permissions), ...(change.permissions === undefined ? [] : after.permissions)])]);
  const changed = JSON.stringify(kept(before)) !== JSON.stringify(kept(after));
  if (changed) {
    if (after.name !== before.name) await requireFreeName(tx, after.name, before.id);
    await statement(em, 'update kernel.roles set name = $3, description = $4, permissions = $5::jsonb, updated_at = now() where tenant_id = $1 and id = $2', [tenantId, after.id, after.name, after.description, JSON.stringify(after.permissions)]);
  }
  return { op: 'update', target: before.id, changed, before: kept(before), after: kept(after), userIds: [] };
};

/** @throws NOT_FOUND, FORBIDDEN, VALIDATION_ERROR for owner and for the role itself */
async function requireHeir(tx: RoleTransaction, roleId: string, heir: string): Promise<void> {
  if (heir === 'owner' || heir === roleId) throw ValidationError({ message: 'Members go to another role, and owners are made one by one.', details: { field: 'reassign', issue: 'cannot take the members' } });
  const permissions = isBuiltInRole(heir) ? [] : (await customRole(tx, heir)).permissions;
  requireHeld(tx.holdings, linesOf(tx.directory, tx.tenantId, heir, permissions));
}

export const deleteRole: Step<'delete'> = async (tx, { roleId, reassignTo }) => {
  const { em, tenantId, directory, holdings, callerId } = tx;
  const role = await customRole(tx, roleId);
  requireHeld(holdings, stillDeclared(directory, tenantId, role.permissions));
  const [has] = await statement<{ beside: number; only: number }>(
    em,
    `select (select count(*)::int from kernel.role_assignments where tenant_id = $1 and role_id = $2::uuid) as beside,
            (select count(*)::int from kernel.memberships where tenant_id = $1 and role = $2::text) as only`,
    [tenantId, role.id],
  );
  const members = (has?.beside ?? 0) + (has?.only ?? 0);
  let userIds: string[] | null = [];
  if (members > 0) {
    if (reassignTo === null) throw Conflict({ message: 'Members have this role: say with ?reassign= which one they get instead.', details: { field: 'reassign', issue: 'is required', members } });
    await requireHeir(tx, role.id, reassignTo);
    const moved = await statement<{ userId: string }>(em, 'update kernel.memberships set role = $3, granted_by = $4, granted_at = now() where tenant_id = $1 and role = $2 returning user_id as "userId"', [tenantId, role.id, reassignTo, callerId]);
    if (!isBuiltInRole(reassignTo)) {
      await statement(em, 'insert into kernel.role_assignments (tenant_id, user_id, role_id, granted_by) select tenant_id, user_id, $3::uuid, $4::uuid from kernel.role_assignments where tenant_id = $1 and role_id = $2 on conflict do nothing', [tenantId, role.id, reassignTo, callerId]);
    }
    const dropped = await statement<{ userId: string }>(em, 'delete from kernel.role_assignments where tenant_id = $1 and role_id = $2 returning user_id as "userId"', [tenantId, role.id]);
    userIds = members > 50 ? null : [...new Set([...moved, ...dropped].map(({ userId }) => userId))];
  }
  await statement(em, 'delete from kernel.roles where tenant_id = $1 and id = $2', [tenantId, role.id]);
  return { op: 'delete', target: role.id, changed: true, before: kept(role), after: members === 0 ? null : { reassignedTo: reassignTo, members }, userIds };
};

/** @throws NOT_FOUND when one of them is none of the team's */
async function rolesById({ em, tenantId, known }: RoleTransaction, ids: readonly string[]): Promise<RoleRow[]> {
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    for (const row of await statement<RoleRow>(em, 'select id, name, description, permissions from kernel.roles where tenant_id = $1 and id::text = any($2::text[])', [tenantId, unknown])) known.set(row.id, row);
  }
  return ids.map((id) => {
    const role = known.get(id);
    if (role === undefined) throw noRole();
    return role;
  });
}

export const assignRoles: Step<'assign'> = async (tx, { userId, add, remove }) => {
  const { em, tenantId, directory, holdings, callerId } = tx;
  if (!holdings.members.has(userId)) throw NotFound({ message: 'There is no such member.' });
  const given = new Set(add);
  for (const { id, permissions } of await rolesById(tx, [...new Set([...add, ...remove])])) requireHeld(holdings, given.has(id) ? permissions : stillDeclared(directory, tenantId, permissions));
  const rows = await statement<{ roleId: string }>(em, 'select role_id as "roleId" from kernel.role_assignments where tenant_id = $1 and user_id = $2 order by role_id for update', [tenantId, userId]);
  const before = rows.map(({ roleId }) => roleId);
  // who is in both lists keeps it: giving is what was asked for last
  const taken = before.filter((id) => remove.includes(id) && !given.has(id));
  const added = [...given].filter((id) => !before.includes(id));
  const after = [...before.filter((id) => !taken.includes(id)), ...added].toSorted();
  if (after.length > roleLimits.rolesOfMember) throw QuotaExceeded({ message: `A member has ${roleLimits.rolesOfMember} custom roles at the most.`, details: { quota: 'rolesOfMember', limit: roleLimits.rolesOfMember } });
  if (taken.length > 0) await statement(em, 'delete from kernel.role_assignments where tenant_id = $1 and user_id = $2 and role_id = any($3::uuid[])', [tenantId, userId, taken]);
  if (added.length > 0) await statement(em, 'insert into kernel.role_assignments (tenant_id, user_id, role_id, granted_by) select $1::uuid, $2::uuid, given, $4::uuid from unnest($3::uuid[]) given', [tenantId, userId, added, callerId]);
  return { op: 'assign', target: userId, changed: taken.length + added.length > 0, before: { roles: before }, after: { roles: after }, userIds: [userId] };
};

import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, NotFound } from '@proofpix/sdk';
import type { Database } from '../database/index.ts';
import { statement, statementCount } from '../database/statement.ts';
import type { AuthChange, AuthChanges } from './changes.ts';
import type { Sessions } from './sessions.ts';

/** Who belongs where. Each change takes effect on this node when the call resolves and on the others within a second. */
export interface Members {
  /** @throws NOT_FOUND for an unknown user, tenant or role; CONFLICT when the user is a member already */
  add(tenantId: string, userId: string, role: string): Promise<void>;
  /** @throws NOT_FOUND for no member or an unknown role; CONFLICT for the last owner */
  setRole(tenantId: string, userId: string, role: string): Promise<void>;
  /** Closes the user's sockets in the tenant and ends their keys there. @throws NOT_FOUND; CONFLICT for the last owner */
  remove(tenantId: string, userId: string): Promise<void>;
  /** Ends every session of the user; they cannot log in until they are resumed. @throws NOT_FOUND */
  suspendUser(userId: string): Promise<void>;
  resumeUser(userId: string): Promise<void>;
  /** @throws NOT_FOUND */
  suspendTenant(tenantId: string): Promise<void>;
  resumeTenant(tenantId: string): Promise<void>;
}

/** Locks the owners, so that the last two cannot leave at the same time. */
async function requireOtherOwner(em: EntityManager, tenantId: string, userId: string): Promise<void> {
  const owners = await statement<{ userId: string }>(em, `select user_id as "userId" from kernel.memberships where tenant_id = $1 and role = 'owner' order by user_id for update`, [tenantId]);
  if (owners.some((owner) => owner.userId === userId) && owners.length === 1) throw Conflict({ message: 'A tenant keeps at least one owner.' });
}

const setUserStatus = async (em: EntityManager, userId: string, status: string): Promise<void> => {
  if ((await statementCount(em, 'update kernel.users set status = $2 where id = $1', [userId, status])) === 0) throw NotFound();
};

const builtInRoles: ReadonlySet<string> = new Set(['owner', 'admin', 'member', 'viewer']);

/** A role that exists in the tenant. */
async function requireRole(em: EntityManager, tenantId: string, role: string): Promise<void> {
  if (builtInRoles.has(role)) return;
  const found = await statement(em, 'select 1 from kernel.roles where tenant_id = $1 and id::text = $2', [tenantId, role]);
  if (found.length === 0) throw NotFound({ message: 'There is no such role.' });
}

export function members({ database, changes, sessions }: { database: Database; changes: AuthChanges; sessions: Sessions }): Members {
  async function change(fn: (em: EntityManager) => Promise<AuthChange>): Promise<void> {
    await database.system(async (em) => changes.record(em, await fn(em)));
    await changes.catchUp();
  }

  const setTenantStatus = (tenantId: string, status: string): Promise<void> =>
    change(async (em) => {
      if ((await statementCount(em, 'update kernel.tenants set status = $2 where id = $1', [tenantId, status])) === 0) throw NotFound();
      return { revoked: status === 'suspended', tenantId };
    });

  return {
    add: (tenantId, userId, role) =>
      change(async (em) => {
        await requireRole(em, tenantId, role);
        const known = await statement(em, 'select 1 from kernel.users u, kernel.tenants t where u.id = $1 and t.id = $2', [userId, tenantId]);
        if (known.length === 0) throw NotFound();
        const added = await statementCount(em, 'insert into kernel.memberships (tenant_id, user_id, role) values ($1, $2, $3) on conflict do nothing', [tenantId, userId, role]);
        if (added === 0) throw Conflict({ message: 'The user is a member already.' });
        return { revoked: false, tenantId, userId };
      }),
    setRole: (tenantId, userId, role) =>
      change(async (em) => {
        await requireRole(em, tenantId, role);
        if (role !== 'owner') await requireOtherOwner(em, tenantId, userId);
        if ((await statementCount(em, 'update kernel.memberships set role = $3 where tenant_id = $1 and user_id = $2', [tenantId, userId, role])) === 0) throw NotFound();
        return { revoked: false, tenantId, userId };
      }),
    remove: (tenantId, userId) =>
      change(async (em) => {
        await requireOtherOwner(em, tenantId, userId);
        if ((await statementCount(em, 'delete from kernel.memberships where tenant_id = $1 and user_id = $2', [tenantId, userId])) === 0) throw NotFound();
        await statement(em, 'delete from kernel.role_assignments where tenant_id = $1 and user_id = $2', [tenantId, userId]);
        await statement(em, 'update kernel.api_keys set revoked_at = now() where tenant_id = $1 and user_id = $2 and revoked_at is null', [tenantId, userId]);
        return { revoked: true, tenantId, userId };
      }),
    suspendUser: (userId) =>
      change(async (em) => {
        await setUserStatus(em, userId, 'suspended');
        await sessions.revokeAll(em, userId, 'suspended');
        return { revoked: true, userId };
      }),
    resumeUser: (userId) =>
      change(async (em) => {
        await setUserStatus(em, userId, 'active');
        return { revoked: false, userId };
      }),
    suspendTenant: (tenantId) => setTenantStatus(tenantId, 'suspended'),
    resumeTenant: (tenantId) => setTenantStatus(tenantId, 'active'),
  };
}

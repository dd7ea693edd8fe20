import type { EntityManager } from '@mikro-orm/postgresql';
import { Forbidden, Unauthorized } from '@proofpix/sdk';
import { statement } from '../../database/statement.ts';
import type { Identity, PermissionDirectory } from '../contract.ts';
import type { CustomRole } from '../decision.ts';
import { heldBy } from './held.ts';

/** What somebody holds at this moment, locked until the transaction ends: whoever takes it from them waits, or came first. */
export interface Holdings {
  readonly role: string;
  /** Of those that were asked for: members of the team, locked as well, so that nobody is given a role while they leave. */
  readonly members: ReadonlySet<string>;
  /** Whether they may do what a role's line stands for: {@link heldBy}. */
  holds(entry: string): boolean;
}

/** Serialises changes of roles and of who has them within a tenant; taken before any row, so that these transactions never lock each other out. */
export async function lockRoles(em: EntityManager, tenantId: string): Promise<void> {
  await statement(em, `select pg_advisory_xact_lock(hashtextextended($1, 7206150021))`, [`roles ${tenantId}`]);
}

async function requireLiveCredential(em: EntityManager, { principal, tenantId }: Identity): Promise<readonly string[] | null> {
  const ended = () => Unauthorized({ message: 'The credentials have ended.' });
  if (principal.credentialId === null) return null;
  if (principal.kind === 'api-key') {
    const [key] = await statement<{ scope: string[] | null }>(em, 'select scope from kernel.api_keys where id = $1 and tenant_id = $2 and revoked_at is null and (expires_at is null or expires_at > now()) for share', [principal.credentialId, tenantId]);
    if (key === undefined) throw ended();
    return key.scope;
  }
  const session = await statement(em, 'select 1 from kernel.sessions where id = $1 and revoked_at is null for share', [principal.credentialId]);
  if (session.length === 0) throw ended();
  return null;
}

interface MemberRow {
  userId: string;
  role: string;
}

/**
 * Reads and locks what the caller holds, in the caller's tenant.
 *
 * @param others members who are to be locked beside
 * @throws UNAUTHORIZED when the session or key has ended; FORBIDDEN for who is no member any more
 */
export async function holdingsOf(em: EntityManager, directory: PermissionDirectory, caller: Identity, others: readonly string[] = []): Promise<Holdings> {
  const { tenantId, principal } = caller;
  const userId = principal.userId;
  const gone = () => Forbidden({ message: 'You are not a member of this team.' });
  if (tenantId === null || userId === null || principal.kind === 'public' || principal.kind === 'system') throw gone();
  await lockRoles(em, tenantId);
  // one statement in one order, so that two transactions about the same people wait instead of blocking each other
  const rows = await statement<MemberRow>(
    em,
    `select m.user_id as "userId", m.role from kernel.memberships m
     where m.tenant_id = $1 and m.user_id = any($2::uuid[]) and (m.suspended_at is null or m.user_id <> $3) order by m.user_id for share`,
    [tenantId, [...new Set([userId, ...others])], userId],
  );
  const own = rows.find((row) => row.userId === userId);
  const active = await statement(em, `select 1 from kernel.users u, kernel.tenants t where u.id = $1 and u.status = 'active' and t.id = $2 and t.status = 'active'`, [userId, tenantId]);
  if (own === undefined || active.length === 0) throw gone();
  const scope = await requireLiveCredential(em, caller);
  const assigned = await statement<{ roleId: string }>(em, 'select role_id as "roleId" from kernel.role_assignments where tenant_id = $1 and user_id = $2 order by role_id for share', [tenantId, userId]);
  const found = await statement<{ id: string; name: string; permissions: string[] }>(em, 'select id, name, permissions from kernel.roles where tenant_id = $1 and id::text = any($2::text[])', [tenantId, [own.role, ...assigned.map(({ roleId }) => roleId)]]);
  const custom = new Map<string, CustomRole>(found.map(({ id, name, permissions }) => [id, { name, permissions: new Set(permissions) }]));
  const identity = { ...caller, tenantId, role: own.role, roleGrant: null, customRoles: assigned.map(({ roleId }) => ({ roleId, by: null, at: '' })), scope };

  return {
    role: own.role,
    members: new Set(rows.map((row) => row.userId)),
    holds: heldBy({ identity, directory, roles: custom }),
  };
}

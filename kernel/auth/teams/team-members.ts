import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, Forbidden, NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { AuthChange, AuthChanges } from '../changes.ts';
import { lockRoles } from '../roles/holdings.ts';
import { type Giver, type MayGive, requireKnownRole } from './grant-limits.ts';
import { type FoundMembers, findMembers, type MemberQuery, type TeamMember, memberOf } from './member-list.ts';
import type { Beside } from './teams.ts';

/** Who changes something, with the limits of the key they use. */
export interface Actor {
  userId: string;
  /** null is no limit */
  scope: readonly string[] | null;
}

/**
 * Who belongs to a team. Nobody gives, changes or takes a role with more than they hold at that moment,
 * and a team keeps an owner: both are seen to under locks, in the transaction of the change. All throw
 * NOT_FOUND for who is no member and for an unknown role, FORBIDDEN for what would exceed the actor, and
 * CONFLICT for the last owner.
 */
export interface TeamMembers {
  get(tenantId: string, userId: string): Promise<TeamMember | null>;
  find(tenantId: string, query: MemberQuery): Promise<FoundMembers>;
  /** Whether the actor may give the role. @throws NOT_FOUND, FORBIDDEN */
  requireMayGive(tenantId: string, actor: Actor, role: string): Promise<void>;
  isMember(tenantId: string, email: string): Promise<boolean>;
  /** @throws FORBIDDEN when the user's address is another one */
  requireAddress(userId: string, email: string): Promise<void>;
  /** @throws CONFLICT also when the role is not `expectedRole` any more */
  setRole(tenantId: string, change: { userId: string; role: string; expectedRole: string | null; actor: Actor }, beside: Beside<{ before: string }>): Promise<TeamMember>;
  /** False when they were no member. Anybody may leave. */
  remove(tenantId: string, change: { userId: string; actor: Actor }, beside: Beside<{ role: string }>): Promise<boolean>;
  /**
   * Makes a user with this address a member, on the word of `grantedBy`, who must still be able to give the role.
   *
   * @throws FORBIDDEN when the user's address is another one; CONFLICT for a member
   */
  join(tenantId: string, change: { userId: string; email: string; role: string; grantedBy: string }, beside: Beside): Promise<TeamMember>;
  /** {@link join} in a transaction that makes the user; tell the other nodes with {@link AuthChanges.catchUp} after it. */
  joinWithin(em: EntityManager, tenantId: string, change: { userId: string; role: string; grantedBy: string }): Promise<TeamMember>;
}

export interface TeamMembersOptions {
  database: Database;
  changes: AuthChanges;
  mayGive: MayGive;
}

interface Locked {
  userId: string;
  role: string;
  /** here, or their whole account */
  suspended: boolean;
}

/**
 * Locks the rows of these members and of all owners, in the order that changes of roles keep too: who is
 * demoted at this moment, or leaves as the other of two owners, waits or is seen.
 */
async function lockMembers(em: EntityManager, tenantId: string, userIds: readonly string[]): Promise<Map<string, Locked>> {
  await lockRoles(em, tenantId);
  const rows = await statement<Locked>(
    em,
    `select m.user_id as "userId", m.role, m.suspended_at is not null or not exists (select 1 from kernel.users u where u.id = m.user_id and u.status = 'active') as suspended from kernel.memberships m
     where m.tenant_id = $1 and (m.role = 'owner' or m.user_id = any($2::uuid[])) and exists (select 1 from kernel.tenants t where t.id = m.tenant_id and t.status = 'active')
     order by m.user_id for update of m`,
    [tenantId, userIds],
  );
  return new Map(rows.map((row) => [row.userId, row]));
}

/** @throws CONFLICT when nobody else owns the team */
export function requireOtherOwner(locked: ReadonlyMap<string, Locked>, userId: string): void {
  if (locked.get(userId)?.role !== 'owner') return;
  const others = [...locked.values()].some((one) => one.role === 'owner' && one.userId !== userId && !one.suspended);
  if (!others) throw Conflict({ message: 'A team keeps at least one owner.', details: { reason: 'last-owner' } });
}

const exceeds = () => Forbidden({ message: 'Nobody gives or takes a role with more than they hold themselves.', details: { reason: 'exceeds-own-role' } });

export function teamMembers({ database, changes, mayGive }: TeamMembersOptions): TeamMembers {
  async function change<T>(fn: (em: EntityManager) => Promise<{ result: T; change: AuthChange | null }>): Promise<T> {
    const { result, change: made } = await database.system(async (em) => {
      const done = await fn(em);
      if (done.change !== null) await changes.record(em, done.change);
      return done;
    });
    if (made !== null) await changes.catchUp();
    return result;
  }

  function giverOf(tenantId: string, locked: ReadonlyMap<string, Locked>, actor: Actor): Giver {
    const own = locked.get(actor.userId);
    if (own === undefined || own.suspended) throw exceeds();
    return { tenantId, userId: actor.userId, role: own.role, scope: actor.scope };
  }

  async function requireGiving(em: EntityManager, giver: Giver, role: string): Promise<void> {
    if (!(await mayGive(em, giver, role))) throw exceeds();
  }

  async function shown(em: EntityManager, tenantId: string, userId: string): Promise<TeamMember> {
    const member = await memberOf(em, tenantId, userId);
    if (member === null) throw NotFound({ message: 'There is no such member.' });
    return member;
  }

  // locked for what comes next, the address being verified: a lock that only shares would have two of them wait for each other
  async function requireAddress(em: EntityManager, userId: string, email: string): Promise<void> {
    const [own] = await statement<{ email: string }>(em, `select email from kernel.users where id = $1 and status = 'active' for update`, [userId]);
    if (own?.email !== email) throw Forbidden({ message: 'The invitation is for another address.', details: { reason: 'other-address' } });
  }

  async function joinWithin(em: EntityManager, tenantId: string, { userId, role, grantedBy }: { userId: string; role: string; grantedBy: string }): Promise<TeamMember> {
    const locked = await lockMembers(em, tenantId, [grantedBy]);
    await requireKnownRole(em, tenantId, role);
    await requireGiving(em, giverOf(tenantId, locked, { userId: grantedBy, scope: null }), role);
    const added = await statementCount(em, 'insert into kernel.memberships (tenant_id, user_id, role, granted_by) values ($1, $2, $3, $4) on conflict do nothing', [tenantId, userId, role, grantedBy]);
    if (added === 0) throw Conflict({ message: 'The user is a member already.', details: { reason: 'member-already' } });
    return shown(em, tenantId, userId);
  }

  return {
    get: (tenantId, userId) => database.system((em) => memberOf(em, tenantId, userId)),
    find: (tenantId, query) => database.system((em) => findMembers(em, tenantId, query)),
    requireMayGive: (tenantId, actor, role) =>
      database.system(async (em) => {
        const locked = await lockMembers(em, tenantId, [actor.userId]);
        await requireKnownRole(em, tenantId, role);
        await requireGiving(em, giverOf(tenantId, locked, actor), role);
      }),
    isMember: (tenantId, email) =>
      database.system(async (em) => (await statement(em, 'select 1 from kernel.users u join kernel.memberships m on m.user_id = u.id where u.email = $2 and m.tenant_id = $1', [tenantId, email])).length > 0),
    requireAddress: (userId, email) => database.system((em) => requireAddress(em, userId, email)),
    setRole: (tenantId, { userId, role, expectedRole, actor }, beside) =>
      change(async (em) => {
        const locked = await lockMembers(em, tenantId, [actor.userId, userId]);
        const target = locked.get(userId);
        if (target === undefined) throw NotFound({ message: 'There is no such member.' });
        await requireKnownRole(em, tenantId, role);
        const giver = giverOf(tenantId, locked, actor);
        await requireGiving(em, giver, target.role);
        await requireGiving(em, giver, role);
        if (expectedRole !== null && target.role !== expectedRole) throw Conflict({ message: 'The member’s role was changed in the meantime.', details: { reason: 'role-changed' } });
        if (target.role === role) return { result: await shown(em, tenantId, userId), change: null };
        requireOtherOwner(locked, userId);
        await statement(em, 'update kernel.memberships set role = $3, granted_by = $4, granted_at = now() where tenant_id = $1 and user_id = $2', [tenantId, userId, role, actor.userId]);
        await beside(em, { before: target.role });
        return { result: await shown(em, tenantId, userId), change: { revoked: false, tenantId, userId } };
      }),
    remove: (tenantId, { userId, actor }, beside) =>
      change(async (em) => {
        const locked = await lockMembers(em, tenantId, [actor.userId, userId]);
        const target = locked.get(userId);
        if (target === undefined) return { result: false, change: null };
        if (actor.userId !== userId) {
          const further = await statement<{ roleId: string }>(em, 'select role_id as "roleId" from kernel.role_assignments where tenant_id = $1 and user_id = $2 order by role_id', [tenantId, userId]);
          for (const role of [target.role, ...further.map(({ roleId }) => roleId)]) await requireGiving(em, giverOf(tenantId, locked, actor), role);
        }
        requireOtherOwner(locked, userId);
        await statement(em, 'delete from kernel.memberships where tenant_id = $1 and user_id = $2', [tenantId, userId]);
        await statement(em, 'delete from kernel.role_assignments where tenant_id = $1 and user_id = $2', [tenantId, userId]);
        await statement(em, 'update kernel.api_keys set revoked_at = now() where tenant_id = $1 and user_id = $2 and revoked_at is null', [tenantId, userId]);
        await beside(em, { role: target.role });
        return { result: true, change: { revoked: true, tenantId, userId } };
      }),
    join: (tenantId, { email, ...rest }, beside) =>
      change(async (em) => {
        await requireAddress(em, rest.userId, email);
        const member = await joinWithin(em, tenantId, rest);
        // whoever has the token read it in that mailbox
        await statement(em, 'update kernel.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1', [rest.userId]);
        await beside(em);
        return { result: member, change: { revoked: false, tenantId, userId: rest.userId } };
      }),
    joinWithin,
  };
}

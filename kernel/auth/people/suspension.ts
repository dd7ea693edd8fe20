import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, Forbidden, NotFound } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { Sessions } from '../sessions.ts';
import type { MayGive } from '../teams/index.ts';
import { type Actor, auditActor, ownerOfAccount } from './actor.ts';
import { requireOperator } from './operators.ts';

export type PersonStatus = 'active' | 'suspended';

export interface StatusChange {
  userId: string;
  status: PersonStatus;
  /** shown in the audit log */
  reason: string | null;
}

/** Shutting people out, and letting them in again. Live sessions, keys and sockets end with the change, on every node within a second. */
export interface Suspension {
  /** Of the account, everywhere; for operators. False when nothing had to change. @throws FORBIDDEN, NOT_FOUND, CONFLICT for oneself */
  setAccount(actor: Actor, change: StatusChange, beside: (em: EntityManager) => Promise<void>): Promise<boolean>;
  /** Of the membership in the actor's team; whether the actor may is asked before. @throws FORBIDDEN also for who holds more; NOT_FOUND; CONFLICT for oneself, so that an owner is left */
  setMembership(actor: Actor, change: StatusChange, beside: (em: EntityManager) => Promise<void>): Promise<boolean>;
}

export interface SuspensionOptions {
  database: Database;
  changes: AuthChanges;
  sessions: Sessions;
  audit: Auth['audit'];
  mayGive: MayGive;
}

export function suspension({ database, changes, sessions, audit, mayGive }: SuspensionOptions): Suspension {
  const record = (em: EntityManager, actor: Actor, tenantId: string | null, of: 'account' | 'membership', { userId, status, reason }: StatusChange): Promise<void> =>
    audit({ tenantId, actor: auditActor(actor), action: `users.${of}-${status === 'suspended' ? 'suspended' : 'activated'}`, target: userId, details: reason === null ? {} : { reason }, requestId: actor.requestId }, em);

  function requireOther(actor: Actor, userId: string): string {
    const self = ownerOfAccount(actor);
    if (self === userId) throw Conflict({ message: 'Nobody suspends or activates themselves.' });
    return self;
  }

  return {
    async setAccount(actor, change, beside) {
      const { userId, status } = change;
      const self = requireOther(actor, userId);
      const changed = await database.system(async (em) => {
        await requireOperator(em, self);
        const [user] = await statement<{ status: string }>(em, 'select status from kernel.users where id = $1 for update', [userId]);
        if (user === undefined) throw NotFound({ message: 'There is no such user.' });
        if (user.status === status) return false;
        await statement(em, 'update kernel.users set status = $2 where id = $1', [userId, status]);
        if (status === 'suspended') {
          await sessions.revokeAll(em, userId, 'suspended');
          // what they do in somebody else's name ends as well
          const acting = await statement<{ id: string }>(em, `update kernel.sessions set revoked_at = now(), revoked_for = 'suspended' where impersonator_id = $1 and revoked_at is null returning id`, [userId]);
          if (acting.length > 0) await changes.record(em, ...acting.map(({ id }) => ({ revoked: true, credentialId: id })));
        }
        await record(em, actor, null, 'account', change);
        await beside(em);
        await changes.record(em, { revoked: status === 'suspended', userId });
        return true;
      });
      await changes.catchUp();
      return changed;
    },

    async setMembership(actor, change, beside) {
      const { userId, status } = change;
      const { tenantId } = actor;
      const self = requireOther(actor, userId);
      if (tenantId === null) throw NotFound({ message: 'There is no such user.' });
      const changed = await database.system(async (em) => {
        const members = await statement<{ userId: string; role: string; suspended: boolean }>(
          em,
          `select user_id as "userId", role, suspended_at is not null as suspended from kernel.memberships
           where tenant_id = $1 and (user_id in ($2, $3) or role = 'owner') order by user_id for update`,
          [tenantId, userId, self],
        );
        const target = members.find((member) => member.userId === userId);
        if (target === undefined) throw NotFound({ message: 'There is no such user.' });
        const own = members.find((member) => member.userId === self);
        if (own === undefined || own.suspended) throw Forbidden();
        if (!(await mayGive(em, { tenantId, userId: self, role: own.role, scope: null }, target.role))) throw Forbidden({ message: 'Nobody shuts out who holds more than they do themselves.', details: { reason: 'exceeds-own-role' } });
        if (target.suspended === (status === 'suspended')) return false;
        await statement(em, `update kernel.memberships set suspended_at = case when $3 then now() end where tenant_id = $1 and user_id = $2`, [tenantId, userId, status === 'suspended']);
        await record(em, actor, tenantId, 'membership', change);
        await beside(em);
        await changes.record(em, { revoked: status === 'suspended', tenantId, userId });
        return true;
      });
      await changes.catchUp();
      return changed;
    },
  };
}

import type { EntityManager } from '@mikro-orm/postgresql';
import { Conflict, defineError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Mail } from '../../mail/index.ts';
import type { AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { Sessions } from '../sessions.ts';
import { type Actor, auditActor, ownerOfAccount } from './actor.ts';
import type { ConfirmOwner } from './confirm-owner.ts';
import { noticeOfErasure, noticeOfRestoration } from './notices.ts';
import { type Profile, profileOf } from './profile.ts';

/** 409: `details.teams` names teams with other members whose only owner this is. */
export const AccountOwnsTeams = defineError({ code: 'ACCOUNT_OWNS_TEAMS', kind: 'conflict', message: 'Hand these teams over to somebody else first, or delete them.' });

/** The owner's wish to have the account erased, and its withdrawal. */
export interface Leaving {
  /**
   * The account is erased after the days of grace. Other sessions end, keys rest, and a mail says so; signing in stays
   * possible, and {@link restore} takes it back. Asked for again it changes nothing.
   *
   * @throws as {@link ConfirmOwner}; ACCOUNT_OWNS_TEAMS; CONFLICT for the last operator
   */
  request(actor: Actor, given: { password: string | null; address: string | null }, beside: (em: EntityManager, eraseAt: string) => Promise<void>): Promise<{ eraseAt: string }>;
  restore(actor: Actor, beside: (em: EntityManager) => Promise<void>): Promise<Profile>;
}

export interface LeavingOptions {
  database: Database;
  changes: AuthChanges;
  sessions: Sessions;
  audit: Auth['audit'];
  mail: Pick<Mail, 'send'>;
  confirm: ConfirmOwner;
  graceDays: number;
}

const maxNamed = 50;

/** Teams that would be left with members and without an owner. */
const teamsOwnedAlone = (em: EntityManager, userId: string): Promise<{ id: string; name: string }[]> =>
  statement<{ id: string; name: string }>(
    em,
    `select t.id, t.name from kernel.memberships m join kernel.tenants t on t.id = m.tenant_id and t.status <> 'deleted'
     where m.user_id = $1 and m.role = 'owner'
       and not exists (select 1 from kernel.memberships o where o.tenant_id = m.tenant_id and o.user_id <> $1 and o.role = 'owner' and o.suspended_at is null)
       and exists (select 1 from kernel.memberships o where o.tenant_id = m.tenant_id and o.user_id <> $1)
     order by t.name, t.id limit ${maxNamed}`,
    [userId],
  );

async function requireOtherOperator(em: EntityManager, userId: string): Promise<void> {
  const operators = await statement<{ id: string }>(em, `select id from kernel.users where operator and status = 'active' and erase_at is null order by id for update`);
  if (operators.some(({ id }) => id === userId) && operators.length === 1) throw Conflict({ message: 'A deployment keeps at least one operator.' });
}

export function leaving({ database, changes, sessions, audit, mail, confirm, graceDays }: LeavingOptions): Leaving {
  const record = (em: EntityManager, actor: Actor, action: string, details: Record<string, string>): Promise<void> =>
    audit({ tenantId: actor.tenantId, actor: auditActor(actor), action, target: actor.principal.userId, details, requestId: actor.requestId }, em);

  return {
    async request(actor, given, beside) {
      await confirm(actor, given);
      const userId = ownerOfAccount(actor);
      const answer = await database.system(async (em) => {
        await requireOtherOperator(em, userId);
        const teams = await teamsOwnedAlone(em, userId);
        if (teams.length > 0) throw AccountOwnsTeams({ details: { teams } });
        const asked = await statement(em, `update kernel.users set erase_at = now() + $2 * interval '1 day' where id = $1 and erase_at is null returning id`, [userId, graceDays]);
        const { eraseAt, email, firstName } = await profileOf(em, userId);
        if (eraseAt === null) throw Conflict();
        if (asked.length > 0) {
          await record(em, actor, 'users.erasure-requested', { eraseAt });
          await mail.send(em, { ...noticeOfErasure({ firstName, eraseAt }), recipient: email, tenantId: null });
          await beside(em, eraseAt);
          await sessions.revokeAll(em, userId, 'account-leaving', actor.principal.credentialId);
          // keys rest from now on: what every node knows of them is outdated
          const keys = await statement<{ id: string }>(em, 'select id from kernel.api_keys where user_id = $1 and revoked_at is null', [userId]);
          await changes.record(em, { revoked: false, userId }, ...keys.map(({ id }) => ({ revoked: true, credentialId: id })));
        }
        return { eraseAt };
      });
      await changes.catchUp();
      return answer;
    },

    async restore(actor, beside) {
      const userId = ownerOfAccount(actor);
      const profile = await database.system(async (em) => {
        const taken = await statement(em, 'update kernel.users set erase_at = null where id = $1 and erase_at is not null returning id', [userId]);
        const after = await profileOf(em, userId);
        if (taken.length > 0) {
          await record(em, actor, 'users.erasure-withdrawn', {});
          await mail.send(em, { ...noticeOfRestoration(after), recipient: after.email, tenantId: null });
          await beside(em);
          await changes.record(em, { revoked: false, userId });
        }
        return after;
      });
      await changes.catchUp();
      return profile;
    },
  };
}

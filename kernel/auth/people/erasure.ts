import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { AuthChange, AuthChanges } from '../changes.ts';
import type { Auth } from '../contract.ts';
import type { Actor } from './actor.ts';
import { auditActor } from './actor.ts';

/** What plugins are told of a person who is gone: enough to find what they hold, and nothing that says who it was. */
export interface Erased {
  userId: string;
  /** lower-case hex SHA-256 of the normalised address, for whoever kept the address of somebody without an account */
  emailSha256: string;
  /** they were the only member: the team ends with them, and all that is in it is to go */
  teamGone: boolean;
}

/** The end of accounts whose days of grace are over. */
export interface Erasure {
  /**
   * Erases accounts that are due, this one or any, `limit` at the most; several may do so at once. `tell` writes what
   * plugins are told, for each team that the person was ever seen in, in the transaction that erases. The audit log
   * keeps the id alone.
   *
   * @returns the ids of who was erased
   */
  run(actor: Actor, which: { userId: string | null; limit: number }, tell: (em: EntityManager, tenantId: string, erased: Erased) => Promise<void>): Promise<string[]>;
}

/** A tenant that goes with its only member carries no name any more: it was the person's. */
const nameless = 'Deleted team';

/** Every kernel table that holds something of a person, in an order that leaves no moment with half of it. */
const deletions = [
  // by the leading columns of their keys
  `delete from kernel.api_key_usage where (tenant_id, key_id) in (select tenant_id, id from kernel.api_keys where user_id = $1)`,
  `delete from kernel.role_assignments where user_id = $1 and tenant_id in (select tenant_id from kernel.memberships where user_id = $1)`,
  `delete from kernel.request_nonces where key_id in (select id from kernel.api_keys where user_id = $1)`,
  ...['api_keys', 'sessions', 'credentials', 'one_time_tokens', 'totp_secrets', 'recovery_codes', 'passkeys', 'external_identities', 'avatars', 'memberships'].map((table) => `delete from kernel.${table} where user_id = $1`),
];

/** Where they were a member, where the audit log knows them, and where somebody wrote to their address, such as an invitation. */
async function teamsOf(em: EntityManager, userId: string, email: string): Promise<string[]> {
  const rows = await statement<{ id: string }>(
    em,
    `select t.id from kernel.tenants t where t.id in (select tenant_id from kernel.memberships where user_id = $1 union select tenant_id from kernel.audit_entries where user_id = $1
       union select tenant_id from kernel.mails where recipient = $2) order by t.id`,
    [userId, email],
  );
  return rows.map(({ id }) => id);
}

/** Teams without anybody else go; one without another owner is passed to whoever has been an admin for longest, else a member. */
async function settleTeams(em: EntityManager, userId: string, audit: (tenantId: string, action: string, target: string) => Promise<void>): Promise<{ gone: string[]; changed: AuthChange[] }> {
  const gone = await statement<{ id: string }>(
    em,
    `update kernel.tenants t set name = $2, status = 'deleted', deleted_at = coalesce(deleted_at, now())
     where t.id in (select tenant_id from kernel.memberships where user_id = $1)
       and not exists (select 1 from kernel.memberships o where o.tenant_id = t.id and o.user_id <> $1) returning t.id`,
    [userId, nameless],
  );
  const heirs = await statement<{ tenantId: string; userId: string }>(
    em,
    `update kernel.memberships h set role = 'owner', suspended_at = null, granted_by = null, granted_at = now()
     from (select distinct on (o.tenant_id) o.tenant_id, o.user_id from kernel.memberships m join kernel.memberships o on o.tenant_id = m.tenant_id and o.user_id <> $1
           where m.user_id = $1 and m.role = 'owner'
             and not exists (select 1 from kernel.memberships x where x.tenant_id = m.tenant_id and x.user_id <> $1 and x.role = 'owner' and x.suspended_at is null)
           order by o.tenant_id, o.suspended_at is not null, case o.role when 'owner' then 0 when 'admin' then 1 when 'member' then 2 else 3 end, o.created_at, o.user_id) heir
     where h.tenant_id = heir.tenant_id and h.user_id = heir.user_id returning h.tenant_id as "tenantId", h.user_id as "userId"`,
    [userId],
  );
  for (const heir of heirs.toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1))) await audit(heir.tenantId, 'users.ownership-passed-on', heir.userId);
  return { gone: gone.map(({ id }) => id), changed: [...gone.map(({ id }) => ({ revoked: true, tenantId: id })), ...heirs.map((heir) => ({ revoked: false, ...heir }))] };
}

export function erasure({ database, changes, audit }: { database: Database; changes: AuthChanges; audit: Auth['audit'] }): Erasure {
  return {
    async run(actor, { userId, limit }, tell) {
      const erased: string[] = [];
      const record = (em: EntityManager, tenantId: string | null, action: string, target: string): Promise<void> => audit({ tenantId, actor: auditActor(actor), action, target, requestId: actor.requestId }, em);

      /** One account in one transaction; null when none is due, or others are at it. */
      const next = (): Promise<string | null> =>
        database.system(async (em) => {
          const [user] = await statement<{ id: string; email: string }>(em, 'select id, email from kernel.users where erase_at <= now() and ($1::uuid is null or id = $1) order by erase_at limit 1 for update skip locked', [userId]);
          if (user === undefined) return null;
          const teams = await teamsOf(em, user.id, user.email);
          await record(em, null, 'users.erased', user.id);
          const told = { userId: user.id, emailSha256: createHash('sha256').update(user.email).digest('hex') };
          const settled = await settleTeams(em, user.id, (tenantId, action, target) => record(em, tenantId, action, target));
          const acting = await statement<{ id: string }>(em, 'delete from kernel.sessions where impersonator_id = $1 returning id', [user.id]);
          for (const sql of deletions) await statement(em, sql, [user.id]);
          await statement(em, 'delete from kernel.mails where recipient = $1', [user.email]);
          // what sockets could still be sent again, about files for one; of other teams it goes within a day
          await statement(em, 'delete from kernel.realtime_log where tenant_id = any($1::uuid[])', [settled.gone]);
          await statement(em, 'delete from kernel.users where id = $1', [user.id]);
          for (const team of teams) await tell(em, team, { ...told, teamGone: settled.gone.includes(team) });
          await changes.record(em, { revoked: true, userId: user.id }, ...settled.changed, ...acting.map(({ id }) => ({ revoked: true, credentialId: id })));
          return user.id;
        });

      while (erased.length < limit) {
        const id = await next();
        if (id === null) break;
        erased.push(id);
      }
      if (erased.length > 0) await changes.catchUp();
      return erased;
    },
  };
}

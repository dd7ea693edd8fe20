import type { JsonObject } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import { type Actor, ownerOfAccount } from './actor.ts';
import { profileOf } from './profile.ts';

/** Everything the kernel holds of a person but the audit log, which comes by page; no secret among it. */
export interface PersonalData {
  of(actor: Actor): Promise<JsonObject>;
}

/** Rows as JSON, made by the database: a column that is not named here cannot slip out. */
const sections = {
  memberships: `select m.tenant_id as "teamId", t.name as team, m.role, m.created_at as "joinedAt", m.suspended_at as "suspendedAt" from kernel.memberships m join kernel.tenants t on t.id = m.tenant_id where m.user_id = $1`,
  roles: `select a.tenant_id as "teamId", r.name as role, a.granted_at as "grantedAt" from kernel.role_assignments a join kernel.roles r on r.tenant_id = a.tenant_id and r.id = a.role_id where a.user_id = $1`,
  sessions: `select id, tenant_id as "teamId", method, second_factor as "secondFactor", impersonator_id as "impersonatorId", address, user_agent as "userAgent", created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt", revoked_at as "revokedAt" from kernel.sessions where user_id = $1`,
  apiKeys: `select id, tenant_id as "teamId", name, scope, addresses, requests_per_minute as "requestsPerMinute", created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt", revoked_at as "revokedAt" from kernel.api_keys where user_id = $1`,
  passkeys: `select id, name, transports, backed_up as "backedUp", created_at as "createdAt", last_used_at as "lastUsedAt" from kernel.passkeys where user_id = $1`,
  externalAccounts: `select provider, issuer, subject, email, linked_at as "linkedAt", last_used_at as "lastUsedAt" from kernel.external_identities where user_id = $1`,
  mails: `select m.subject, m.purpose, m.state, m.created_at as "createdAt", m.sent_at as "sentAt" from kernel.mails m join kernel.users u on u.email = m.recipient where u.id = $1`,
} as const;
const maxRows = 5_000;

export function personalData({ database }: { database: Database }): PersonalData {
  return {
    of: (actor) =>
      database.system(async (em) => {
        const userId = ownerOfAccount(actor);
        const found: Record<string, JsonObject | JsonObject[]> = { profile: { ...(await profileOf(em, userId)) } };
        const [row] = await statement<{ preferences: JsonObject }>(em, 'select preferences from kernel.users where id = $1', [userId]);
        found['preferences'] = row?.preferences ?? {};
        for (const [name, sql] of Object.entries(sections)) {
          const [section] = await statement<{ rows: JsonObject[] }>(em, `select coalesce(jsonb_agg(to_jsonb(s)), '[]') as rows from (${sql} limit ${maxRows}) s`, [userId]);
          found[name] = section?.rows ?? [];
        }
        return found;
      }),
  };
}

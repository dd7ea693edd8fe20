import type { Database } from '../database/index.ts';
import { statement } from '../database/statement.ts';
import { boundedMap } from './bounded-map.ts';
import type { AuthChange, AuthChanges } from './changes.ts';
import type { Identity } from './contract.ts';

/** Who is behind a credential now. Null: it has ended, or the user, tenant or membership has. */
export interface Identities {
  /** `tenantId` null for a user without one. */
  ofSession(sessionId: string, userId: string, tenantId: string | null): Promise<Found>;
  ofApiKey(keyId: string): Promise<Identity | null>;
  /** What is known of the key's identity without asking. */
  peekApiKey(keyId: string): Identity | undefined;
  ofMember(userId: string, tenantId: string): Promise<Identity | null>;
}

export type Found = { identity: Identity } | { refused: 'ended' | 'not-member' };

interface Cached {
  identity: Identity;
  validUntil: number;
}

interface Row {
  userId: string;
  operator: boolean;
  credentialId: string | null;
  impersonatorId: string | null;
  tenantId: string | null;
  role: string | null;
  grantedBy: string | null;
  grantedAt: string | null;
  /** id, giver and time of custom roles beside the role; null for none */
  customRoles: [roleId: string, by: string | null, at: string][] | null;
  scope: string[] | null;
  /** of keys only */
  requestsPerMinute?: number | null;
  signs?: boolean;
  /** milliseconds left, null for no end */
  leftMs: number | null;
}

const maxCached = 20_000;
/** bounds what a lost signal could cost, even with the database away */
const longestMs = 30_000;

const memberOf = (tenant: string): string => `left join (kernel.memberships m join kernel.tenants t on t.id = m.tenant_id and t.status = 'active') on m.user_id = u.id and m.tenant_id = ${tenant} and m.suspended_at is null`;
const rfc3339 = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const who = `u.id as "userId", u.operator, m.tenant_id as "tenantId", m.role, m.granted_by as "grantedBy", ${rfc3339('m.granted_at')} as "grantedAt",
  (select json_agg(json_build_array(a.role_id, a.granted_by, ${rfc3339('a.granted_at')})) from kernel.role_assignments a where a.tenant_id = m.tenant_id and a.user_id = m.user_id) as "customRoles"`;
const left = (column: string): string => `(extract(epoch from ${column} - now()) * 1000)::float8 as "leftMs"`;

const sessionSql = `select ${who}, s.id as "credentialId", s.impersonator_id as "impersonatorId", null as scope, ${left('s.expires_at')}
  from kernel.sessions s join kernel.users u on u.id = s.user_id and u.status = 'active' ${memberOf('$3::uuid')}
  where s.id = $1 and s.user_id = $2 and s.revoked_at is null and s.expires_at > now()
    and (s.impersonator_id is null or exists (select 1 from kernel.users i where i.id = s.impersonator_id and i.operator and i.status = 'active'))`;
const keySql = `select ${who}, k.id as "credentialId", null as "impersonatorId", k.scope, k.requests_per_minute as "requestsPerMinute", k.signing_sealed is not null as signs, ${left('k.expires_at')}
  from kernel.api_keys k join kernel.users u on u.id = k.user_id and u.status = 'active' and u.erase_at is null ${memberOf('k.tenant_id')}
  where k.id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;
const memberSql = `select ${who}, null as "credentialId", null as "impersonatorId", null as scope, null as "leftMs"
  from kernel.users u ${memberOf('$2::uuid')} where u.id = $1 and u.status = 'active'`;

function toIdentity(row: Row, kind: 'user' | 'api-key'): Identity {
  return {
    // an operator's key acts in its tenant; the deployment is run by people who log in
    principal: { kind, userId: row.userId, credentialId: row.credentialId, operator: row.operator && kind === 'user' && row.impersonatorId === null },
    tenantId: row.tenantId,
    role: row.role,
    roleGrant: row.grantedAt === null ? null : { by: row.grantedBy, at: row.grantedAt },
    customRoles: (row.customRoles ?? []).map(([roleId, by, at]) => ({ roleId, by, at })),
    credentialId: row.credentialId,
    impersonatorId: row.impersonatorId,
    scope: row.scope,
    ...(kind === 'api-key' ? { key: { requestsPerMinute: row.requestsPerMinute ?? null, signs: row.signs === true } } : {}),
  };
}

const identityOf = (found: Found): Identity | null => ('identity' in found ? found.identity : null);

const touches = (change: AuthChange, { identity }: Cached): boolean =>
  // an identity names its roles; what they hold is not in it
  change.roleId === undefined &&
  (change.userId === undefined || change.userId === identity.principal.userId) &&
  (change.credentialId === undefined || change.credentialId === identity.credentialId) &&
  (change.tenantId === undefined || change.tenantId === identity.tenantId);

/** Identities, cached per node until something about them changes. */
export function identities({ database, changes }: { database: Database; changes: AuthChanges }): Identities {
  const cache = boundedMap<Cached>(maxCached);
  /** counts changes: what was read before one must not be kept after it */
  let epoch = 0;

  changes.onChange((change) => {
    epoch += 1;
    for (const [key, cached] of cache.entries()) if (touches(change, cached)) cache.delete(key);
  });
  changes.onGap(() => {
    epoch += 1;
    cache.clear();
  });

  async function load(key: string, sql: string, parameters: unknown[], kind: 'user' | 'api-key', wantsTenant: boolean): Promise<Found> {
    const cached = cache.get(key);
    if (cached !== undefined && cached.validUntil > Date.now()) return cached;
    const before = epoch;
    const [row] = await database.system((em) => statement<Row>(em, sql, parameters));
    if (row === undefined) return { refused: 'ended' };
    // who is no member may become one at any moment, and asks rarely: not kept
    if (wantsTenant && row.role === null) return { refused: 'not-member' };
    const identity = Object.freeze(toIdentity(row, kind));
    if (epoch === before) cache.set(key, { identity, validUntil: Date.now() + Math.min(longestMs, row.leftMs ?? longestMs) });
    return { identity };
  }

  return {
    ofSession: (sessionId, userId, tenantId) => load(`session ${sessionId} ${tenantId}`, sessionSql, [sessionId, userId, tenantId], 'user', tenantId !== null),
    peekApiKey(keyId) {
      const cached = cache.get(`key ${keyId}`);
      return cached !== undefined && cached.validUntil > Date.now() ? cached.identity : undefined;
    },
    ofApiKey: async (keyId) => identityOf(await load(`key ${keyId}`, keySql, [keyId], 'api-key', true)),
    ofMember: async (userId, tenantId) => identityOf(await load(`member ${userId} ${tenantId}`, memberSql, [userId, tenantId], 'user', true)),
  };
}

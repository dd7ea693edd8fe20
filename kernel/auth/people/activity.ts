import { Forbidden, type JsonObject } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import { type Actor, selfOf } from './actor.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface ActivityQuery {
  userId: string;
  /** an action, or the beginning of some: `auth.*` */
  action?: string | undefined;
  /** RFC 3339; `from` inclusive, `to` exclusive */
  from?: string | undefined;
  to?: string | undefined;
  /** 1 to 200 */
  limit: number;
  cursor?: string | null | undefined;
}

export interface ActivityEntry {
  /** `<team or deployment>:<place in its chain>` */
  id: string;
  at: string;
  action: string;
  target: string | null;
  details: JsonObject;
  /** Null for what concerns no team. */
  teamId: string | null;
  /** The session or key. */
  credentialId: string | null;
  /** The operator who acted for the user. */
  impersonatorId: string | null;
  requestId: string | null;
}

/** What a person did, out of the audit log, newest first. */
export interface Activity {
  /**
   * Everything, for oneself and for operators; else what was done in the actor's team, which is for members whom the
   * plugin allows it. @throws FORBIDDEN
   */
  of(actor: Actor, query: ActivityQuery): Promise<{ items: ActivityEntry[]; nextCursor: string | null }>;
}

const deploymentChain = '00000000-0000-0000-0000-000000000000';

interface Row {
  tenantId: string;
  sequence: string;
  at: string;
  entry: string;
}

const sql = `select tenant_id as "tenantId", sequence::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, entry
  from kernel.audit_entries where user_id = $1 and ($2::uuid is null or tenant_id = $2)
    and ($3::text is null or action = $3) and ($4::text is null or starts_with(action, $4))
    and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
    and ($7::timestamptz is null or (at, tenant_id, sequence) < ($7, $8::uuid, $9::bigint))
  order by at desc, tenant_id desc, sequence desc limit $10`;

function shown({ tenantId, sequence, entry }: Row): ActivityEntry {
  const { actor, at, action, target, details, requestId } = JSON.parse(entry) as Omit<ActivityEntry, 'id' | 'teamId'> & { actor: { credentialId: string | null; impersonatorId: string | null } };
  return { id: `${tenantId}:${sequence}`, at, action, target, details, teamId: tenantId === deploymentChain ? null : tenantId, credentialId: actor.credentialId, impersonatorId: actor.impersonatorId, requestId };
}

export function activity({ database }: { database: Database }): Activity {
  return {
    async of(actor, { userId, action, from, to, limit, cursor }) {
      // a key acts in its own team, also for its owner
      const isOwn = selfOf(actor) === userId && actor.principal.kind === 'user';
      const everywhere = isOwn || actor.principal.operator;
      if (!everywhere && actor.tenantId === null) throw Forbidden();
      const start = action?.endsWith('*') === true ? action.slice(0, -1) : null;
      const [at, tenantId, sequence] = cursor == null ? [null, null, null] : decodeCursor(cursor, ['moment', 'uuid', 'count']);
      const rows = await database.system((em) => statement<Row>(em, sql, [userId, everywhere ? null : actor.tenantId, start === null ? (action ?? null) : null, start, from ?? null, to ?? null, at, tenantId, sequence, limit + 1]));
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return { items: page.map(shown), nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.at, last.tenantId, last.sequence]) : null };
    },
  };
}

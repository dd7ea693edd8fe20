import { type JsonObject, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../../database/index.ts';
import { statement } from '../../../database/statement.ts';

/** An audit entry as the service answers it. */
export interface HistoryEntry {
  sequence: number;
  at: string;
  action: string;
  target: string | null;
  actorId: string | null;
  impersonatorId: string | null;
  details: JsonObject;
}

interface Stored {
  at: string;
  action: string;
  target: string | null;
  actor: { userId: string | null; impersonatorId: string | null };
  details: JsonObject;
}

/** Entries of a tenant's chain about one user or role, newest first. The cursor is a place in the chain. */
export async function historyOf(database: Database, tenantId: string, target: string, { limit, cursor }: { limit: number; cursor: string | null }): Promise<{ items: HistoryEntry[]; nextCursor: string | null }> {
  if (cursor !== null && !/^\d{1,15}$/.test(cursor)) throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
  const rows = await database.tenant(tenantId, (em) =>
    statement<{ sequence: number; entry: string }>(
      em,
      `select sequence::float8 as sequence, entry from kernel.audit_entries
       where tenant_id = $1 and target = $2 and ($3::bigint is null or sequence < $3) and (action like 'roles.%' or action like 'teams.%') order by sequence desc limit $4`,
      [tenantId, target, cursor, limit + 1],
    ));
  const items = rows.slice(0, limit).map(({ sequence, entry }) => {
    const { at, action, target: about, actor, details } = JSON.parse(entry) as Stored;
    return { sequence, at, action, target: about, actorId: actor.userId, impersonatorId: actor.impersonatorId, details };
  });
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.sequence) : null };
}

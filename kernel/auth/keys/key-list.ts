import type { Database } from '../../database/index.ts';
import { statement } from '../../database/statement.ts';
import type { Holder, KeyRights } from './key-rights.ts';
import { keyColumns, type KeyRow, type KeyView, toKeyView } from './key-view.ts';

export interface KeyQuery {
  /** 1 to 100 */
  limit: number;
  /** id of the last key of the page before */
  cursor: string | null;
  /** only one's own, also for who sees all */
  mine: boolean;
  includeRevoked: boolean;
}

export interface KeyPage {
  items: KeyView[];
  nextCursor: string | null;
}

const sql = `select ${keyColumns} from kernel.api_keys
  where tenant_id = $1 and ($2::uuid is null or user_id = $2) and ($3::uuid is null or id = $3) and ($4 or revoked_at is null)
    and ($5::uuid is null or (created_at, id) < (select created_at, id from kernel.api_keys where tenant_id = $1 and id = $5))
  order by created_at desc, id desc limit $6`;

/** Newest first: the whole tenant's for who may see them, one's own for everybody else, itself for a key. */
export async function listKeys({ database, environment, rights }: { database: Database; environment: string; rights: KeyRights }, holder: Holder, query: KeyQuery): Promise<KeyPage> {
  const isKey = holder.principal.kind === 'api-key';
  const userId = query.mine || !(await rights.seesAll(holder)) ? holder.principal.userId : null;
  const rows = await database.system((em) => statement<KeyRow>(em, sql, [holder.tenantId, userId, isKey ? holder.credentialId : null, query.includeRevoked, query.cursor, query.limit + 1]));
  const items = rows.slice(0, query.limit).map((row) => toKeyView(environment, row));
  return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
}

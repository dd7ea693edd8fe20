import type { EntityManager } from '@mikro-orm/postgresql';
import { statement, statementCount } from '../../database/statement.ts';
import type { Owner } from '../contract.ts';

/** A reference to content. `pending` protects content whose bytes are being put in place and cannot be read. */
export interface Reference {
  id: string;
  pluginId: string;
  hash: string;
  sizeBytes: number;
  mimeType: string;
  declaredType: string | null;
  state: 'pending' | 'temporary' | 'kept';
}

export interface NewReference {
  owner: Owner;
  id: string;
  hash: string;
  sizeBytes: number;
  mimeType: string;
  declaredType: string | null;
}

const columns = 'id, plugin_id as "pluginId", hash, size_bytes::float8 as "sizeBytes", mime_type as "mimeType", declared_type as "declaredType", state';
const fromNow = (parameter: string): string => `now() + ${parameter}::double precision * interval '1 millisecond'`;
const live = '(expires_at is null or expires_at > now())';

/** Final state of a finished write. */
export interface FinalState {
  state: 'temporary' | 'kept';
  /** null for a kept file */
  ttlMs: number | null;
}

/**
 * Refers to content before its bytes are in place. The upsert locks the content's row, which is what the collector
 * locks too: either it sees this reference, or this sees that the content is gone. Where the bytes are already there
 * the reference is final at once.
 *
 * @returns whether the bytes are in place
 */
export async function reserve(em: EntityManager, reference: NewReference, final: FinalState, pendingMs: number): Promise<boolean> {
  const { owner, hash, sizeBytes } = reference;
  const [blob] = await statement<{ stored: boolean }>(
    em,
    `insert into kernel.blobs (tenant_id, hash, size_bytes, stored) values ($1, $2, $3, false)
     on conflict (tenant_id, hash) do update set hash = excluded.hash returning stored`,
    [owner.tenantId, hash, sizeBytes],
  );
  const isStored = blob?.stored === true;
  await statement(
    em,
    `insert into kernel.files (tenant_id, id, plugin_id, hash, size_bytes, mime_type, declared_type, state, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, ${fromNow('$9')})
     on conflict (tenant_id, id) do nothing`,
    [owner.tenantId, reference.id, owner.pluginId, hash, sizeBytes, reference.mimeType, reference.declaredType, isStored ? final.state : 'pending', isStored ? final.ttlMs : pendingMs],
  );
  return isStored;
}

/** Makes a reservation final. False when it had expired and was collected. */
export async function confirm(em: EntityManager, reference: NewReference, final: FinalState): Promise<boolean> {
  await statement(em, 'update kernel.blobs set stored = true where tenant_id = $1 and hash = $2 and not stored', [reference.owner.tenantId, reference.hash]);
  const confirmed = await statementCount(
    em,
    `update kernel.files set state = $3, expires_at = ${fromNow('$4')} where tenant_id = $1 and id = $2 and state = 'pending'`,
    [reference.owner.tenantId, reference.id, final.state, final.ttlMs],
  );
  return confirmed === 1;
}

/** A readable reference of any plugin of the tenant. `lock` keeps it in being until the transaction ends. */
export async function find(em: EntityManager, tenantId: string, id: string, lock: '' | 'for update' | 'for share' = ''): Promise<Reference | null> {
  const [row] = await statement<Reference>(em, `select ${columns} from kernel.files where tenant_id = $1 and id = $2 and state <> 'pending' and ${live} ${lock}`, [tenantId, id]);
  return row ?? null;
}

export async function markKept(em: EntityManager, tenantId: string, id: string): Promise<void> {
  await statement(em, `update kernel.files set state = 'kept', expires_at = null where tenant_id = $1 and id = $2`, [tenantId, id]);
}

/** Another plugin's reference to the same content; the source must be locked, so that the content stays. */
export async function copy(em: EntityManager, owner: Owner, id: string, source: Reference): Promise<void> {
  await statement(
    em,
    `insert into kernel.files (tenant_id, id, plugin_id, hash, size_bytes, mime_type, declared_type, state) values ($1, $2, $3, $4, $5, $6, $7, 'kept')`,
    [owner.tenantId, id, owner.pluginId, source.hash, source.sizeBytes, source.mimeType, source.declaredType],
  );
}

/** Returns the content's hash, or null when there was no such reference in that state. */
export async function remove(em: EntityManager, owner: Owner, id: string, state: 'temporary' | 'kept'): Promise<string | null> {
  const [row] = await statement<{ hash: string }>(em, 'delete from kernel.files where tenant_id = $1 and plugin_id = $2 and id = $3 and state = $4 returning hash', [owner.tenantId, owner.pluginId, id, state]);
  return row?.hash ?? null;
}

export async function removeAll(em: EntityManager, owner: Owner): Promise<void> {
  await statement(em, 'delete from kernel.files where tenant_id = $1 and plugin_id = $2', [owner.tenantId, owner.pluginId]);
}

export async function usageOf(em: EntityManager, owner: Owner): Promise<{ files: number; bytes: number }> {
  const [row] = await statement<{ files: number; bytes: number }>(
    em,
    `select count(*)::float8 as files, coalesce(sum(size_bytes), 0)::float8 as bytes from kernel.files where tenant_id = $1 and plugin_id = $2 and state <> 'pending' and ${live}`,
    [owner.tenantId, owner.pluginId],
  );
  return row ?? { files: 0, bytes: 0 };
}

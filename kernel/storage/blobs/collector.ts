import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../../database/index.ts';
import { statement, statementCount } from '../../database/statement.ts';
import type { BlobStore } from './blob-store.ts';

const batchRows = 500;
const maxBatches = 2_000;

/** Removes what nothing refers to any more. Several nodes may collect at once, and beside writers. */
export interface Collector {
  collect(): Promise<{ blobs: number; bytes: number }>;
  /** Removes this content if nothing refers to it; returns the bytes freed, null when it is in use or gone. */
  collectOne(tenantId: string, hash: string): Promise<number | null>;
}

interface Content {
  sizeBytes: number;
  stored: boolean;
}

/** Locks the content's row; null when it is gone or referred to. Only a statement after the lock sees all references. */
async function lockUnreferenced(em: EntityManager, tenantId: string, hash: string): Promise<Content | null> {
  const [content] = await statement<Content>(em, 'select size_bytes::float8 as "sizeBytes", stored from kernel.blobs where tenant_id = $1 and hash = $2 for update', [tenantId, hash]);
  if (content === undefined) return null;
  const references = await statement(em, 'select 1 from kernel.files where tenant_id = $1 and hash = $2 limit 1', [tenantId, hash]);
  return references.length === 0 ? content : null;
}

export function blobCollector({ database, store, abandonedAfterMs }: { database: Database; store: BlobStore; abandonedAfterMs: number }): Collector {
  async function collectOne(tenantId: string, hash: string): Promise<number | null> {
    // first the mark, in a transaction of its own: a crash after the removal must not leave content that seems stored
    const marked = await database.system(async (em) => {
      const content = await lockUnreferenced(em, tenantId, hash);
      if (content?.stored) await statement(em, 'update kernel.blobs set stored = false where tenant_id = $1 and hash = $2', [tenantId, hash]);
      return content !== null;
    });
    if (!marked) return null;
    return database.system(async (em) => {
      const content = await lockUnreferenced(em, tenantId, hash);
      if (content === null || content.stored) return null;
      await store.remove(tenantId, hash);
      await statement(em, 'delete from kernel.blobs where tenant_id = $1 and hash = $2', [tenantId, hash]);
      return content.sizeBytes;
    });
  }

  async function dropExpired(): Promise<void> {
    for (let batch = 0; batch < maxBatches; batch += 1) {
      const dropped = await database.system((em) =>
        statementCount(em, `delete from kernel.files where ctid = any (array(select ctid from kernel.files where expires_at <= now() limit ${batchRows} for update skip locked)) and expires_at <= now()`));
      if (dropped < batchRows) return;
    }
  }

  return {
    collectOne,
    async collect() {
      await dropExpired();
      const freed = await store.sweep(new Date(Date.now() - abandonedAfterMs));
      let after = { tenantId: '00000000-0000-0000-0000-000000000000', hash: '' };
      for (let batch = 0; batch < maxBatches; batch += 1) {
        const rows = await database.system((em) =>
          statement<{ tenantId: string; hash: string }>(
            em,
            `select tenant_id as "tenantId", hash from kernel.blobs b
             where (tenant_id, hash) > ($1::uuid, $2) and not exists (select from kernel.files f where f.tenant_id = b.tenant_id and f.hash = b.hash)
             order by tenant_id, hash limit ${batchRows}`,
            [after.tenantId, after.hash],
          ));
        for (const row of rows) {
          const bytes = await collectOne(row.tenantId, row.hash);
          if (bytes === null) continue;
          freed.blobs += 1;
          freed.bytes += bytes;
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < batchRows) break;
        after = last;
      }
      return freed;
    },
  };
}

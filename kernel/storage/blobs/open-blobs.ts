import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NotFound, type StoredFile, ValidationError } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { Blobs, Owner } from '../contract.ts';
import type { BlobStore } from './blob-store.ts';
import { blobWriter } from './blob-writer.ts';
import { blobCollector } from './collector.ts';
import { openDiskStore } from './disk-store.ts';
import { handlesFrom, isHandle } from './handle.ts';
import { copy, find, markKept, type Reference, remove, removeAll, usageOf } from './references.ts';
import type { S3Options } from './s3-store.ts';

export interface BlobsLog {
  warn(fields: object, message: string): void;
}

export interface BlobsOptions {
  database: Database;
  backend: 'disk' | 's3';
  /** blobs lie under `<dataDir>/blobs` */
  dataDir: string;
  /** required by the backend `s3` */
  s3?: S3Options | undefined;
  /** signs handles; every node needs the same: `deriveKey(masterKey, 'file handles')` */
  handleKey: Uint8Array;
  log: BlobsLog;
  times?: Partial<BlobTimes>;
}

export interface BlobTimes {
  /** a temporary upload that nobody kept ends after this, default 1 h */
  uploadTtlMs: number;
  /** the longest a write may take, default 1 h */
  writeDeadlineMs: number;
  /** a staged write untouched for this long is swept, default 2 h: more than `writeDeadlineMs` */
  abandonedAfterMs: number;
  /** the longest that putting finished bytes in place may take, default 15 min */
  pendingMs: number;
}

export interface OpenBlobs extends Blobs {
  close(): Promise<void>;
}

const defaultTimes: BlobTimes = { uploadTtlMs: 3_600_000, writeDeadlineMs: 3_600_000, abandonedAfterMs: 7_200_000, pendingMs: 900_000 };
const maxShareSeconds = 86_400;
/** what S3 copies in one request, so both backends have the same bound */
export const maxBlobBytes = 5 * 1024 ** 3;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function openStore(options: BlobsOptions): Promise<BlobStore> {
  if (options.backend === 'disk') return openDiskStore(join(options.dataDir, 'blobs'));
  if (options.s3 === undefined) throw new Error('AWS_S3_BUCKET is required to keep blobs in S3');
  // The S3 client weighs 10 MB, which a deployment on disk need not carry.
  const { openS3Store } = await import('./s3-store.ts');
  return openS3Store({ s3: options.s3, log: options.log });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const toStored = (row: Reference, id: string): StoredFile => ({ id, sizeBytes: row.sizeBytes, sha256: row.hash, mimeType: row.mimeType, declaredType: row.declaredType });

/** Content-addressed files of plugins per tenant. See the contract for what each call promises. */
export async function openBlobs(options: BlobsOptions): Promise<OpenBlobs> {
  const { database, log } = options;
  const times: BlobTimes = { ...defaultTimes, ...options.times };
  const store = await openStore(options);
  const handles = handlesFrom(options.handleKey);
  const collector = blobCollector({ database, store, abandonedAfterMs: times.abandonedAfterMs });

  /** The reference behind an id or a handle that this owner may read. `lock` needs the transaction to be the caller's. */
  async function resolve(em: Parameters<typeof find>[0], owner: Owner, file: string, lock: Parameters<typeof find>[3] = ''): Promise<Reference> {
    const handle = isHandle(file) ? handles.verify(owner.tenantId, file) : null;
    const id = handle?.fileId ?? (uuid.test(file) ? file : null);
    const row = id === null ? null : await find(em, owner.tenantId, id, lock);
    const isOwn = row?.pluginId === owner.pluginId && (handle !== null || row.state === 'kept');
    if (row === null || !(isOwn || handle?.kind === 'share')) throw NotFound();
    return row;
  }

  /** Bytes that nothing refers to go at once where that is possible; else the next collection takes them. */
  async function release(tenantId: string, hash: string): Promise<void> {
    await collector.collectOne(tenantId, hash).catch((error: unknown) => log.warn({ err: error, tenantId }, 'a deleted blob stays until the next collection'));
  }

  return {
    async create(owner, { declaredType, maxBytes }) {
      const handleOf = (fileId: string): string => handles.sign(owner.tenantId, { kind: 'upload', fileId, expiresAt: Date.now() + times.uploadTtlMs });
      return blobWriter({ database, staged: await store.stage(), owner, declaredType, maxBytes: Math.min(maxBytes, maxBlobBytes), deadlineMs: times.writeDeadlineMs, pendingMs: times.pendingMs, uploadTtlMs: times.uploadTtlMs, handleOf });
    },
    async stat(owner, file) {
      return toStored(await database.tenant(owner.tenantId, (em) => resolve(em, owner, file)), file);
    },
    async open(owner, file, range) {
      const row = await database.tenant(owner.tenantId, (em) => resolve(em, owner, file));
      const { start } = range;
      const end = Math.min(range.end ?? row.sizeBytes, row.sizeBytes);
      if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(end) || end < 0) throw ValidationError({ details: { field: 'range', issue: 'must be whole numbers from 0' } });
      const iterator = start < end ? () => store.read(owner.tenantId, row.hash, { start, end })[Symbol.asyncIterator]() : nothing;
      return { sizeBytes: row.sizeBytes, [Symbol.asyncIterator]: iterator };
    },
    async keep(owner, handle) {
      return database.tenant(owner.tenantId, async (em) => {
        const row = await resolve(em, owner, handle, 'for update');
        if (row.pluginId === owner.pluginId) {
          if (row.state !== 'kept') await markKept(em, owner.tenantId, row.id);
          return toStored(row, row.id);
        }
        const id = randomUUID();
        await copy(em, owner, id, row);
        return toStored(row, id);
      });
    },
    async share(owner, file, ttlSeconds) {
      if (!(ttlSeconds >= 1 && ttlSeconds <= maxShareSeconds)) throw ValidationError({ details: { field: 'ttlSeconds', issue: `must be from 1 to ${maxShareSeconds}` } });
      const row = await database.tenant(owner.tenantId, (em) => resolve(em, owner, file));
      if (row.pluginId !== owner.pluginId) throw NotFound();
      return handles.sign(owner.tenantId, { kind: 'share', fileId: row.id, expiresAt: Date.now() + ttlSeconds * 1000 });
    },
    async delete(owner, file) {
      const handle = isHandle(file) ? handles.verify(owner.tenantId, file) : null;
      if (handle?.kind === 'share' || (handle === null && !uuid.test(file))) throw NotFound();
      const hash = await database.tenant(owner.tenantId, (em) => (handle === null ? remove(em, owner, file, 'kept') : remove(em, owner, handle.fileId, 'temporary')));
      if (hash !== null) await release(owner.tenantId, hash);
      // a handle whose upload was kept, or has gone already, has nothing left to drop
      else if (handle === null) throw NotFound();
    },
    collect: () => collector.collect(),
    usage: (owner) => database.tenant(owner.tenantId, (em) => usageOf(em, owner)),
    purge: (owner) => database.tenant(owner.tenantId, (em) => removeAll(em, owner)),
    close: () => store.close(),
  };
}

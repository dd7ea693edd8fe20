import { createHash, randomUUID } from 'node:crypto';
import { Conflict, DeadlineExceeded, PayloadTooLarge, type StoredFile, Unavailable } from '@proofpix/sdk';
import type { Database } from '../../database/index.ts';
import type { BlobWriter, Owner } from '../contract.ts';
import type { StagedBlob } from './blob-store.ts';
import { normaliseType, sniffBytes, typeOf } from './mime-type.ts';
import { confirm, type FinalState, type NewReference, reserve } from './references.ts';

/** How often a write whose reservation was collected meanwhile is tried again. */
const maxAttempts = 2;

export interface WriterOptions {
  database: Database;
  staged: StagedBlob;
  owner: Owner;
  declaredType: string | null;
  maxBytes: number;
  deadlineMs: number;
  pendingMs: number;
  uploadTtlMs: number;
  /** makes the handle of a temporary upload */
  handleOf(fileId: string): string;
}

export function blobWriter(options: WriterOptions): BlobWriter {
  const { database, staged, owner, maxBytes } = options;
  const declaredType = normaliseType(options.declaredType);
  const hasher = createHash('sha256');
  const deadline = Date.now() + options.deadlineMs;
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let sizeBytes = 0;
  let state: 'writing' | 'ended' = 'writing';

  async function abort(): Promise<void> {
    if (state === 'ended') return;
    state = 'ended';
    await staged.drop();
  }

  async function requireWriting(): Promise<void> {
    if (state === 'ended') throw Conflict({ message: 'The write has ended.' });
    if (Date.now() <= deadline) return;
    await abort();
    throw DeadlineExceeded({ message: 'The write took longer than it may.' });
  }

  /** The reference comes before the bytes: bytes without a reference could be collected, or be left for ever. */
  async function land(reference: NewReference, final: FinalState): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      if (await database.tenant(owner.tenantId, (em) => reserve(em, reference, final, options.pendingMs))) return;
      await staged.place(owner.tenantId, reference.hash);
      if (await database.tenant(owner.tenantId, (em) => confirm(em, reference, final))) return;
    }
    throw Unavailable({ message: 'The file could not be stored in time.' });
  }

  return {
    async write(chunk) {
      await requireWriting();
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) {
        await abort();
        throw PayloadTooLarge({ details: { maxBytes } });
      }
      hasher.update(chunk);
      if (headBytes < sniffBytes) {
        const part = chunk.slice(0, sniffBytes - headBytes);
        head.push(part);
        headBytes += part.length;
      }
      try {
        await staged.write(chunk);
      } catch (error) {
        await abort();
        throw error;
      }
    },
    async finish(finish = {}) {
      await requireWriting();
      state = 'ended';
      try {
        const isTemporary = finish.temporary === true;
        const mimeType = await typeOf(Buffer.concat(head), declaredType);
        const reference: NewReference = { owner, id: randomUUID(), hash: hasher.digest('hex'), sizeBytes, mimeType, declaredType };
        await land(reference, isTemporary ? { state: 'temporary', ttlMs: options.uploadTtlMs } : { state: 'kept', ttlMs: null });
        const stored: StoredFile = { id: isTemporary ? options.handleOf(reference.id) : reference.id, sizeBytes, sha256: reference.hash, mimeType, declaredType };
        return stored;
      } finally {
        await staged.drop();
      }
    },
    abort,
  };
}

import { NotFound, PayloadTooLarge, type UploadedFile } from '@proofpix/sdk';
import { TooManyParts, TooManyUploads, WrongOffset } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import type { Resumable } from '../resumable-schemas.ts';
import { claimFolder } from './folder-tree.ts';
import { isUnknown } from './store-uploads.ts';
import type { UploadMetadata } from './upload-metadata.ts';

export type StoredResumable = NonNullable<Awaited<ReturnType<FilesContext['db']['resumables']['get']>>>;

/** Since the last part. */
const lifeMs = 86_400_000;
/** Of one team, at a time. */
const maxOpen = 100;
const maxParts = 1000;
/** Of what a part came as; it says nothing about the file. */
export const partType = 'application/offset+octet-stream';
/** When another try is made to put a whole upload together, should the request that brought its end have died. */
const joinAfterSeconds = 360;

const expiry = (ctx: FilesContext): string => new Date(ctx.clock.now() + lifeMs).toISOString();

/** @throws NOT_FOUND (the folder), PAYLOAD_TOO_LARGE, TOO_MANY_UPLOADS */
export function createResumable(ctx: FilesContext, { filename, declaredType, options }: UploadMetadata, sizeBytes: number, maxBytes: number): Promise<StoredResumable> {
  if (sizeBytes > maxBytes) throw PayloadTooLarge({ message: 'The file is too large.', details: { field: 'headers.upload-length', maxBytes } });
  const { folderId = null, processImmediately, extractMetadata, ocr } = options;
  return ctx.db.transaction(async (tx) => {
    // one after the other, so that all count each other
    await tx.db.trees.upsert({ name: 'uploads' }, ['name']);
    if ((await tx.db.resumables.count({ fileId: null })) >= maxOpen) throw TooManyUploads({ details: { maxOpen } });
    if (folderId !== null) await claimFolder(tx, folderId);
    return tx.db.resumables.insert({ ownerId: ctx.auth.principal.userId, filename, declaredType, folderId, processImmediately, extractMetadata, ocr, sizeBytes, offsetBytes: 0, fileId: null, expiresAt: expiry(ctx) });
  });
}

/** @throws NOT_FOUND also for somebody else's, and for one that has expired */
export async function findResumable(ctx: FilesContext, id: string): Promise<StoredResumable> {
  const upload = await ctx.db.resumables.get(id);
  if (upload === null || upload.ownerId !== ctx.auth.principal.userId || Date.parse(upload.expiresAt) <= ctx.clock.now()) throw NotFound({ message: 'There is no such upload.' });
  return upload;
}

/**
 * Adds what has arrived. One conditional statement decides between requests at once: each byte is taken once.
 *
 * @throws WRONG_OFFSET, PAYLOAD_TOO_LARGE (beyond the promised length), TOO_MANY_PARTS, NOT_FOUND
 */
export async function addPart(ctx: FilesContext, upload: StoredResumable, offset: number, part: UploadedFile): Promise<StoredResumable> {
  const { id, sizeBytes } = upload;
  if (upload.offsetBytes !== offset) throw WrongOffset({ details: { offset: upload.offsetBytes } });
  const end = offset + part.sizeBytes;
  if (end > sizeBytes) throw PayloadTooLarge({ message: 'The upload is longer than its Upload-Length.', details: { field: 'body', maxBytes: sizeBytes - offset } });
  if (part.sizeBytes === 0) return upload;
  if ((await ctx.db.parts.count({ uploadId: id })) >= maxParts) throw TooManyParts({ details: { maxParts } });
  const { id: contentId } = await ctx.files.keep(part.handle);
  try {
    return await ctx.db.transaction(async (tx) => {
      const taken = await tx.db.resumables.update({ id, offsetBytes: offset, fileId: null }, { offsetBytes: end, expiresAt: expiry(ctx) });
      const now = await tx.db.resumables.get(id);
      if (now === null) throw NotFound({ message: 'There is no such upload.' });
      if (taken === 0) throw WrongOffset({ details: { offset: now.offsetBytes } });
      await tx.db.parts.insert({ uploadId: id, offsetBytes: offset, sizeBytes: part.sizeBytes, contentId });
      if (end === sizeBytes) await tx.jobs.send('join-upload', { uploadId: id }, { startAfter: joinAfterSeconds });
      return now;
    });
  } catch (error) {
    if (!isUnknown(error)) await ctx.files.delete(contentId).catch(() => undefined);
    throw error;
  }
}

/** An upload and what has arrived of it. False when it was gone already. */
export function dropResumable(ctx: FilesContext, id: string): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    // the record first: a part that arrives waits for this lock and then finds no upload
    if (!(await tx.db.resumables.delete(id))) return false;
    const { items } = await tx.db.parts.find({ where: { uploadId: id }, limit: 1000 });
    for (const { contentId } of items) await tx.jobs.send('purge-content', { contentId });
    await tx.db.parts.delete({ uploadId: id });
    return true;
  });
}

export function resumableView({ id, filename, offsetBytes, sizeBytes, fileId, expiresAt }: StoredResumable): Resumable {
  return { id, filename, offset: offsetBytes, length: sizeBytes, fileId, expiresAt };
}

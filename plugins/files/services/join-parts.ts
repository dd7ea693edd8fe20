import type { StoredFile } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import { partType, type StoredResumable } from './resumables.ts';
import { isUnknown, storeKept } from './store-uploads.ts';

type Part = NonNullable<Awaited<ReturnType<FilesContext['db']['parts']['get']>>>;

async function* contentOf(ctx: FilesContext, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  for (const { contentId } of parts) yield* ctx.files.read(contentId);
}

/** All parts as one content, in constant memory. A part that is the whole and tells its type is that content already. */
async function joined(ctx: FilesContext, parts: readonly Part[], { declaredType, sizeBytes }: StoredResumable): Promise<StoredFile> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    const stored = await ctx.files.stat(only.contentId);
    if (stored.mimeType !== partType) return stored;
  }
  const stored = await ctx.files.write(contentOf(ctx, parts), declaredType === null ? {} : { mimeType: declaredType });
  if (stored.sizeBytes === sizeBytes) return stored;
  await ctx.files.delete(stored.id).catch(() => undefined);
  throw new Error('the parts of an upload do not make up its length');
}

/**
 * Makes a document of an upload that is whole, once, however often it is asked for. Answers the document's id; null
 * while something is missing.
 *
 * @throws QUOTA_EXCEEDED
 */
export async function joinParts(ctx: FilesContext, upload: StoredResumable): Promise<string | null> {
  const { id, ownerId, filename, declaredType, folderId, processImmediately, extractMetadata, ocr, sizeBytes } = upload;
  if (upload.fileId !== null || upload.offsetBytes < sizeBytes) return upload.fileId;
  const { items: parts } = await ctx.db.parts.find({ where: { uploadId: id }, orderBy: [['offsetBytes', 'asc']], limit: 1000 });
  // a folder that went meanwhile takes no file with it
  const placed = folderId !== null && (await ctx.db.folders.get(folderId)) === null ? null : folderId;
  const stored = await joined(ctx, parts, upload);
  const isPart = parts.some(({ contentId }) => contentId === stored.id);
  try {
    const document = await storeKept(ctx, { stored, filename, declaredType, ownerId }, { folderId: placed, processImmediately, extractMetadata, ocr }, async (tx, { id: fileId }) => {
      // locks the upload: of two who join it one is first, and the other one's document is never there
      if ((await tx.db.resumables.update({ id, fileId: null }, { fileId })) === 0) throw new JoinedAlready();
      await tx.db.parts.delete({ uploadId: id });
      for (const { contentId } of parts) if (contentId !== stored.id) await tx.jobs.send('purge-content', { contentId });
    });
    return document.id;
  } catch (error) {
    if (!isPart && !isUnknown(error)) await ctx.files.delete(stored.id).catch(() => undefined);
    if (!(error instanceof JoinedAlready)) throw error;
    return (await ctx.db.resumables.get(id))?.fileId ?? null;
  }
}

class JoinedAlready extends Error {}

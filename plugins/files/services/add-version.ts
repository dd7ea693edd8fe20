import { NotFound, type StoredFile } from '@proofpix/sdk';
import type { FileUpdated } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { UploadOptions } from '../schemas.ts';
import { contentFacts } from './content-facts.ts';
import type { StoredDocument } from './find-document.ts';
import { firstScans } from './quarantine.ts';
import { emitProcessRequested, firstRun } from './request-processing.ts';
import { isUnknown } from './store-uploads.ts';
import { currentVersion } from './versions.ts';

export interface NewContent {
  stored: StoredFile;
  declaredType: string | null;
  /** The version that this one brings back. */
  restoredFrom: number | null;
}

async function replaceContent(ctx: FilesContext, id: string, { stored, declaredType, restoredFrom }: NewContent, { processImmediately, extractMetadata, ocr }: UploadOptions): Promise<StoredDocument> {
  const now = ctx.clock.date();
  const scan = (await firstScans(ctx, [stored.sha256]))(stored.sha256);
  return ctx.db.transaction(async (tx) => {
    // locks the record and reads it as it is now: of several writers at once each makes a version of its own
    const before = await tx.db.documents.update(id, { stage: null });
    if (before === null || before.trashedAt !== null) throw NotFound({ message: 'There is no such file.' });
    const version = before.version + 1;
    const change = { ...contentFacts(stored, declaredType, scan), version, versionBy: ctx.auth.principal.userId, versionAt: now.toISOString(), restoredFrom, extractMetadata, ocr, ...firstRun(ctx, scan, processImmediately) };
    const document = (await tx.db.documents.update(id, change)) as StoredDocument;
    await tx.db.versions.insert(currentVersion(before));
    // they tell of content that is no longer there
    await tx.db.results.delete({ documentId: id });
    await tx.db.texts.delete({ documentId: id });
    const { items: oldest } = await tx.db.versions.find({ where: { documentId: id, number: { $lte: version - ctx.config.maxVersions } }, limit: 1000 });
    for (const { contentId } of oldest) await tx.jobs.send('purge-content', { contentId });
    await tx.db.versions.delete({ documentId: id, number: { $lte: version - ctx.config.maxVersions } });
    const updated: FileUpdated = { fileId: id, documentId: id, filename: document.filename, tags: document.tags, version };
    await tx.events.emit('files.updated', updated);
    if (scan.scanState === 'pending') await tx.jobs.send('scan', { documentId: id, contentId: document.contentId });
    if (document.activeRunId !== null) await emitProcessRequested(tx, document, document.activeRunId);
    return document;
  });
}

/**
 * Gives a document new content, which was kept already; the old one becomes an earlier version. A run that is under
 * way is over. Where it fails, the content is dropped.
 *
 * @throws NOT_FOUND also from the trash
 */
export async function addVersion(ctx: FilesContext, id: string, content: NewContent, options: UploadOptions): Promise<StoredDocument> {
  try {
    return await replaceContent(ctx, id, content, options);
  } catch (error) {
    if (!isUnknown(error)) await ctx.files.delete(content.stored.id).catch(() => undefined);
    throw error;
  }
}

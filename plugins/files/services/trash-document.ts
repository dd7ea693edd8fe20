import type { FileRestored, FileTrashed } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';

const dayMs = 86_400_000;

/** Before when a file was put into the trash that is to be erased now. */
export function trashedBefore(ctx: FilesContext): string {
  return new Date(ctx.clock.now() - ctx.config.trashDays * dayMs).toISOString();
}

/**
 * Puts a document into the trash, once. A run that is under way ends there: the processor finds the file gone, and
 * what it still reports counts for nothing. False when it lay there already or is gone.
 */
export function trashDocument(ctx: FilesContext, { id, activeRunId }: StoredDocument): Promise<boolean> {
  const trashedAt = ctx.clock.date().toISOString();
  const ended = { status: 'queued', progress: 0, stage: null, activeRunId: null, runSeenAt: null } as const;
  return ctx.db.transaction(async (tx) => {
    // the run that was read may be over by now, and its outcome is not to be lost
    const stopped = activeRunId === null ? 0 : await tx.db.documents.update({ id, trashedAt: null, activeRunId }, { trashedAt, ...ended });
    if (stopped === 0 && (await tx.db.documents.update({ id, trashedAt: null }, { trashedAt, activeRunId: null, runSeenAt: null })) === 0) return false;
    const payload: FileTrashed = { fileId: id, documentId: id, eraseAfter: new Date(ctx.clock.now() + ctx.config.trashDays * dayMs).toISOString() };
    await tx.events.emit('files.trashed', payload);
    return true;
  });
}

/** Takes a document out of the trash, once. Null when it does not lie there. */
export function restoreDocument(ctx: FilesContext, id: string): Promise<StoredDocument | null> {
  return ctx.db.transaction(async (tx) => {
    if ((await tx.db.documents.update({ id, trashedAt: { $exists: true } }, { trashedAt: null })) === 0) return null;
    const payload: FileRestored = { fileId: id, documentId: id };
    await tx.events.emit('files.restored', payload);
    const document = await tx.db.documents.get(id);
    // the folder where it lay may be gone: then it comes back at the top
    if (document === null || document.folderId === null || (await tx.db.folders.update({ id: document.folderId }, { entries: { $inc: 1 } })) > 0) return document;
    return await tx.db.documents.update(id, { folderId: null });
  });
}

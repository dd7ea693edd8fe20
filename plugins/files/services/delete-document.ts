import type { FileDeleted } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';

/**
 * Record, results, text, links and all contents, with the event. False when it was gone already, or, with
 * `trashedBefore`, when it has been taken out of the trash meanwhile.
 */
export function deleteDocument(ctx: FilesContext, { id }: StoredDocument, { trashedBefore }: { trashedBefore?: string } = {}): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    // Locks the record and reads it as it is now: a report of its run, or a new version, waits and then finds nothing.
    const document = await tx.db.documents.update(id, { stage: null });
    if (document === null || (trashedBefore !== undefined && (document.trashedAt === null || document.trashedAt >= trashedBefore))) return false;
    const { items: versions } = await tx.db.versions.find({ where: { documentId: id }, limit: 1000 });
    for (const { contentId } of [document, ...versions]) await tx.jobs.send('purge-content', { contentId });
    await tx.db.documents.delete(id);
    await tx.db.versions.delete({ documentId: id });
    await tx.db.results.delete({ documentId: id });
    await tx.db.texts.delete({ documentId: id });
    await tx.db.shares.delete({ fileId: id });
    const deleted: FileDeleted = { fileId: id, documentId: id, sha256: document.sha256 };
    await tx.events.emit('files.deleted', deleted);
    return true;
  });
}

import type { FileDeleted } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';

/**
 * Record, results, text, links and content, with the event. False when it was gone already, or, with `trashedBefore`, when it has
 * been taken out of the trash meanwhile.
 */
export function deleteDocument(ctx: FilesContext, document: StoredDocument, { trashedBefore }: { trashedBefore?: string } = {}): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    // The record first: a report of its run waits for this lock and then finds nothing to write results for.
    if ((await tx.db.documents.delete({ id: document.id, ...(trashedBefore === undefined ? {} : { trashedAt: { $lt: trashedBefore } }) })) === 0) return false;
    await tx.db.results.delete({ documentId: document.id });
    await tx.db.texts.delete({ documentId: document.id });
    await tx.db.shares.delete({ fileId: document.id });
    await tx.jobs.send('purge-content', { contentId: document.contentId });
    const deleted: FileDeleted = { fileId: document.id, documentId: document.id, sha256: document.sha256 };
    await tx.events.emit('files.deleted', deleted);
    return true;
  });
}

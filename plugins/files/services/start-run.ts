import { Conflict, NotFound } from '@proofpix/sdk';
import type { ProcessingOptions } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';
import { released, requireReleased } from './quarantine.ts';
import { emitProcessRequested, queuedRun } from './request-processing.ts';

interface RunRequest {
  /** Also when a run is under way, which is over then; default false. */
  replace?: boolean;
  /** What is left out stays as it was. */
  options?: Partial<ProcessingOptions> | undefined;
}

/**
 * Queues a document for a new run.
 *
 * @throws CONFLICT when a run is under way, FILE_QUARANTINED while the content is locked, NOT_FOUND when the document is gone or lies in the trash
 */
export function startRun(ctx: FilesContext, id: string, { replace = false, options = {} }: RunRequest = {}): Promise<StoredDocument> {
  const runId = ctx.random.uuid();
  return ctx.db.transaction(async (tx) => {
    // One statement decides between concurrent requests: the second finds a run.
    const claimed = await tx.db.documents.update({ id, trashedAt: null, scanState: { $in: released }, ...(replace ? {} : { activeRunId: null }) }, { ...queuedRun(runId, ctx.clock.date()), ...options });
    const document = await tx.db.documents.get(id);
    if (document === null || document.trashedAt !== null) throw NotFound({ message: 'There is no such file.' });
    if (claimed === 0) requireReleased(document);
    if (claimed === 0) throw Conflict({ message: 'The document is being processed already.', details: { status: document.status } });
    await emitProcessRequested(tx, document, runId);
    return document;
  });
}

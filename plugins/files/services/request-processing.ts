import type { TransactionContext } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { ProcessRequested } from '../contract.ts';
import type { StoredDocument } from './find-document.ts';

/** What a record holds before anybody asked for a run. */
export const idleRun = { status: 'queued', progress: 0, stage: null, error: null, activeRunId: null, runSeenAt: null } as const;

/** What a record holds while a run waits for its processor. */
export function queuedRun(runId: string, now: Date) {
  return { status: 'queued', progress: 0, stage: null, error: null, activeRunId: runId, runSeenAt: now.toISOString() } as const;
}

/** Asks processors to run; within the transaction that stored {@link queuedRun}. */
export async function emitProcessRequested(tx: TransactionContext<typeof collections>, document: StoredDocument, runId: string): Promise<void> {
  const payload: ProcessRequested = {
    fileId: document.id,
    documentId: document.id,
    runId,
    filename: document.filename,
    mimeType: document.mimeType,
    sizeBytes: document.sizeBytes,
    sha256: document.sha256,
    options: { extractMetadata: document.extractMetadata, ocr: document.ocr },
  };
  await tx.events.emit('files.process-requested', payload);
}

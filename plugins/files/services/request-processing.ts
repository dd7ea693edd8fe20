import type { TransactionContext } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { ProcessRequested } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { StoredDocument } from './find-document.ts';
import type { ScanFields } from './quarantine.ts';

/** What a record holds before anybody asked for a run. */
const idleRun = { status: 'queued', progress: 0, stage: null, error: null, activeRunId: null, runSeenAt: null } as const;

/** What a record holds while a run waits for its processor. */
export function queuedRun(runId: string, now: Date) {
  return { status: 'queued', progress: 0, stage: null, error: null, activeRunId: runId, runSeenAt: now.toISOString() } as const;
}

/** What a record holds beside new content: a run, or the wish for one as soon as the content is released. */
export function firstRun(ctx: FilesContext, { scanState }: ScanFields, process: boolean) {
  const locked = scanState === 'pending';
  return { ...(process && !locked ? queuedRun(ctx.random.uuid(), ctx.clock.date()) : idleRun), processOnRelease: process && locked };
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

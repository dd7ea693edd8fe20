import type { ProcessCancelled } from '../contract.ts';
import type { FilesContext } from '../kit.ts';

const error = { code: 'CANCELLED', message: 'Processing was cancelled. It may be asked for again.' };

/** Ends a run, once; false when it was over already. What an earlier run found stays. */
export function cancelRun(ctx: FilesContext, id: string, runId: string): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    const ended = await tx.db.documents.update({ id, activeRunId: runId }, { status: 'failed', error, stage: null, activeRunId: null, runSeenAt: null });
    if (ended === 0) return false;
    const payload: ProcessCancelled = { fileId: id, documentId: id, runId };
    await tx.events.emit('files.process-cancelled', payload);
    return true;
  });
}

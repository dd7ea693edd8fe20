import { isError } from '@proofpix/sdk';
import type { ProcessRequested } from '@proofpix/plugin-files/contract';
import { subscriber } from '../kit.ts';

export const processRequested = subscriber<ProcessRequested>({
  name: 'process-requested',
  event: 'files.process-requested',
  retryLimit: 10,
  async handler(ctx, { payload: { runId, fileId, options } }) {
    try {
      await ctx.db.transaction(async (tx) => {
        await tx.db.extractions.insert({ id: runId, fileId, extractMetadata: options.extractMetadata, state: 'queued', errorCode: null });
        await tx.jobs.send('extract', { runId, fileId });
      });
    } catch (error) {
      // The run's id is the record's: a second delivery finds it taken, and its job sent.
      if (!isError(error, 'CONFLICT')) throw error;
    }
  },
});

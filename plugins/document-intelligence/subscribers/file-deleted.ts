import type { FileDeleted } from '@proofpix/plugin-files/contract';
import { subscriber } from '../kit.ts';
import { dropAnalyses } from '../services/pipeline/end-analyses.ts';

export const fileDeleted = subscriber<FileDeleted>({
  name: 'file-deleted',
  event: 'files.deleted',
  retryLimit: 10,
  handler: (ctx, { payload: { fileId } }) => dropAnalyses(ctx, { fileId }),
});

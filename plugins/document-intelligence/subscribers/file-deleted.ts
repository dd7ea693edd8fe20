import type { FileDeleted } from '@proofpix/plugin-files/contract';
import { subscriber } from '../kit.ts';

/** A job that is at work on the file finds its record gone when it would report, and reports nothing. */
export const fileDeleted = subscriber<FileDeleted>({
  name: 'file-deleted',
  event: 'files.deleted',
  retryLimit: 10,
  async handler(ctx, { payload: { fileId } }) {
    await ctx.db.extractions.delete({ fileId });
  },
});

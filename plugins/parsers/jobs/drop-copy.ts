import { isError, Type } from '@proofpix/sdk';
import { job } from '../kit.ts';

/** Deletes a copy after its handle has expired: who wanted it has kept it by then. */
export const dropCopy = job('drop-copy', {
  schema: Type.Object({ fileId: Type.String({ maxLength: 200 }) }),
  retryLimit: 10,
  retryDelaySeconds: 60,
  timeoutMs: 60_000,
  async handler(ctx, { data }) {
    try {
      await ctx.files.delete(data.fileId);
    } catch (error) {
      if (!isError(error, 'NOT_FOUND')) throw error;
    }
  },
});

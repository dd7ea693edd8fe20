import { isError, Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { dropThumbnails } from '../services/thumbnails.ts';

/** Deletes stored content and the thumbnails of it after its record is gone; content that is gone already is what it wants. */
export const purgeContent = job('purge-content', {
  schema: Type.Object({ contentId: Type.String({ maxLength: 200 }) }),
  retryLimit: 10,
  retryDelaySeconds: 5,
  timeoutMs: 60_000,
  async handler(ctx, { data }) {
    await dropThumbnails(ctx, data.contentId);
    try {
      await ctx.files.delete(data.contentId);
    } catch (error) {
      if (!isError(error, 'NOT_FOUND')) throw error;
    }
  },
});

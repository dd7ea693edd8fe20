import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { joinParts } from '../services/join-parts.ts';

/** Puts a whole upload together where the request that brought its end did not live to do so. */
export const joinUpload = job('join-upload', {
  schema: Type.Object({ uploadId: Type.String({ format: 'uuid' }) }),
  retryLimit: 5,
  retryDelaySeconds: 60,
  timeoutMs: 600_000,
  async handler(ctx, { data: { uploadId } }) {
    const upload = await ctx.db.resumables.get(uploadId);
    return { fileId: upload === null ? null : await joinParts(ctx, upload) };
  },
});

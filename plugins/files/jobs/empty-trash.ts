import { Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { deleteDocument } from '../services/delete-document.ts';
import { trashedBefore } from '../services/trash-document.ts';

const batch = 200;
/** Per run of the job; what is left waits for the next one. */
const maxErased = 10_000;

/** Erases what has lain in the trash for as long as the tenant wants it kept. */
export const emptyTrash = job('empty-trash', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 600_000,
  cron: '20 * * * *',
  async handler(ctx) {
    const before = trashedBefore(ctx);
    let erased = 0;
    for (;;) {
      const { items } = await ctx.db.documents.find({ where: { trashedAt: { $lt: before } }, limit: batch });
      for (const document of items) if (await deleteDocument(ctx, document, { trashedBefore: before })) erased += 1;
      if (items.length < batch || erased >= maxErased) return { erased };
    }
  },
});

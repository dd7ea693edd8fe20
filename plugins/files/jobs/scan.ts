import { isError, toWireError, Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { settleScan } from '../services/settle-scan.ts';

const retryLimit = 4;
const handleSeconds = 900;

/**
 * Has one content scanned. While the scanner does not answer, the content stays locked, with the reason for people to
 * see; after the last try `rescan` goes on.
 */
export const scan = job('scan', {
  schema: Type.Object({ documentId: Type.String({ format: 'uuid' }), contentId: Type.String({ maxLength: 200 }) }),
  retryLimit,
  retryDelaySeconds: 15,
  timeoutMs: 600_000,
  async handler(ctx, { data: { documentId, contentId }, attempt }) {
    const waiting = { contentId, scanState: 'pending' as const };
    const pending = (await ctx.db.documents.count({ id: documentId, ...waiting })) + (await ctx.db.versions.count({ documentId, ...waiting }));
    if (pending === 0) return { state: 'over' };
    try {
      const file = await ctx.files.share(contentId, { ttlSeconds: handleSeconds });
      const verdict = await ctx.services.malware.scan({ file });
      await settleScan(ctx, documentId, contentId, verdict);
      return { state: verdict.verdict };
    } catch (error) {
      // a plugin that the tenant does not run is as good as a scanner that does not answer
      const reason = isError(error, 'DEADLINE_EXCEEDED') ? 'DEADLINE_EXCEEDED' : 'SCANNER_UNAVAILABLE';
      ctx.log.warn('a scan did not come about', { documentId, attempt, code: toWireError(error).code });
      await ctx.db.documents.update({ id: documentId, ...waiting }, { scanReason: reason });
      await ctx.db.versions.update({ documentId, ...waiting }, { scanReason: reason });
      if (attempt <= retryLimit) throw error;
      return { state: 'pending', reason };
    }
  },
});

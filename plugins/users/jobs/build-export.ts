import { toWireError, Type } from '@proofpix/sdk';
import { job } from '../kit.ts';
import { exportEntries } from '../services/export-entries.ts';
import { dropExport } from '../services/exports.ts';
import { zipped } from '../services/zip.ts';

const retryLimit = 3;

/** Writes the archive straight into storage. A try that died left a file that nobody knows: storage collects what was never finished. */
export const buildExport = job('build-export', {
  schema: Type.Object({ exportId: Type.String({ format: 'uuid' }) }),
  retryLimit,
  retryDelaySeconds: 10,
  timeoutMs: 3_600_000,
  async handler(ctx, { data: { exportId }, attempt }) {
    const begun = await ctx.db.exports.update({ id: exportId, state: { $in: ['queued', 'running'] } }, { state: 'running' });
    const record = begun === 0 ? null : await ctx.db.exports.get(exportId);
    if (record === null) return;
    try {
      const { id, sizeBytes } = await ctx.files.write(zipped(exportEntries(ctx, record.userId)), { mimeType: 'application/zip' });
      const kept = await ctx.db.exports.update({ id: exportId, state: 'running' }, { state: 'completed', fileId: id, sizeBytes, completedAt: ctx.clock.date().toISOString() });
      // dropped meanwhile: the person is gone
      if (kept === 0) await ctx.files.delete(id);
    } catch (error) {
      if (attempt <= retryLimit) throw error;
      const { code, message } = toWireError(error);
      await ctx.db.exports.update({ id: exportId, state: 'running' }, { state: 'failed', error: { code, message: message.slice(0, 500) } });
    }
  },
});

const batch = 100;

/** Drops exports that have expired. */
export const expireExports = job('expire-exports', {
  schema: Type.Object({}),
  retryLimit: 2,
  retryDelaySeconds: 60,
  timeoutMs: 60_000,
  cron: '41 * * * *',
  async handler(ctx) {
    const { items } = await ctx.db.exports.find({ where: { expiresAt: { $lt: ctx.clock.date().toISOString() } }, limit: batch });
    for (const one of items) await dropExport(ctx, one);
    return { expired: items.length };
  },
});

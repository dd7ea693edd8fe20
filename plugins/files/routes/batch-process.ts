import { toWireError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { BatchProcess, BatchProcessResult } from '../schemas.ts';
import { startRun } from '../services/start-run.ts';

export const batchProcess = route({
  name: 'batchProcess',
  method: 'POST',
  path: '/api/files/batch-process',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Queue up to 1,000 files for processing, with a result for each',
  body: { json: BatchProcess, maxBytes: 131_072 },
  status: 202,
  response: BatchProcessResult,
  timeoutMs: 120_000,
  async handler(ctx, { body: { fileIds, options } }) {
    const items = [];
    for (const fileId of fileIds) {
      try {
        const { status } = await startRun(ctx, fileId, { options });
        items.push({ fileId, status, error: null });
      } catch (error) {
        const { code, message } = toWireError(error);
        items.push({ fileId, status: null, error: { code, message } });
      }
    }
    const failed = items.filter(({ error }) => error !== null).length;
    return { total: items.length, queued: items.length - failed, failed, items };
  },
});

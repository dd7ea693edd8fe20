import { toWireError, ValidationError } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Batch, Fields, maxBatchFiles, maxFileBytes } from '../schemas.ts';
import { beginSession } from '../services/begin-session.ts';
import { sessionView } from '../services/session-view.ts';

export const batchProcess = route({
  name: 'batchProcess',
  method: 'POST',
  path: '/api/ephemeral/batch-process',
  access: 'tenant',
  permission: 'ephemeral:process',
  summary: 'Process up to 100 files that leave no trace, each in a session with a key of its own',
  body: { multipart: { fields: Fields, maxFiles: maxBatchFiles, maxBytes: maxFileBytes, oversized: 'report', ephemeral: true } },
  secretReply: true,
  status: 201,
  response: Batch,
  timeoutMs: 300_000,
  async handler(ctx, { body, files }) {
    if (files.length === 0) throw ValidationError({ message: 'Send at least one file, in the field "files".', details: { field: 'files', issue: 'at least one file is required' } });
    const batchId = ctx.random.uuid();
    const items = [];
    for (const [index, file] of files.entries()) {
      if (file.error !== undefined) {
        items.push({ index, session: null, error: file.error });
        continue;
      }
      try {
        items.push({ index, session: sessionView(await beginSession(ctx, file, body.options ?? {}, batchId)), error: null });
      } catch (error) {
        const { code, message } = toWireError(error);
        items.push({ index, session: null, error: { code, message } });
      }
    }
    return { batchId, items };
  },
});

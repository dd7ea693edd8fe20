import { Conflict } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Document, FileParams } from '../schemas.ts';
import { documentView, findDocument } from '../services/find-document.ts';
import { emitProcessRequested, queuedRun } from '../services/request-processing.ts';

export const process = route({
  name: 'process',
  method: 'POST',
  path: '/api/files/:fileId/process',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Queue a file for processing',
  params: FileParams,
  status: 202,
  response: Document,
  async handler(ctx, { params }) {
    const { id } = await findDocument(ctx, params.fileId);
    const runId = ctx.random.uuid();
    return await ctx.db.transaction(async (tx) => {
      // One statement decides between concurrent requests: the second finds a run.
      const claimed = await tx.db.documents.update({ id, activeRunId: null, trashedAt: null }, queuedRun(runId, ctx.clock.date()));
      const document = await tx.db.documents.get(id);
      if (claimed === 0 || document === null) throw Conflict({ message: 'The document is being processed already.', details: { status: document?.status ?? 'deleted' } });
      await emitProcessRequested(tx, document, runId);
      return documentView(document);
    });
  },
});

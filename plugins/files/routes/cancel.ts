import { Conflict } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Document, FileParams } from '../schemas.ts';
import { cancelRun } from '../services/cancel-run.ts';
import { documentView, findDocument } from '../services/find-document.ts';

export const cancel = route({
  name: 'cancel',
  method: 'POST',
  path: '/api/files/:fileId/cancel',
  access: 'tenant',
  permission: 'files:write',
  summary: 'End the run that is under way: the file is failed with CANCELLED, and may be processed again',
  params: FileParams,
  response: Document,
  async handler(ctx, { params }) {
    const { id, activeRunId, status } = await findDocument(ctx, params.fileId);
    if (activeRunId === null || !(await cancelRun(ctx, id, activeRunId))) throw Conflict({ message: 'The document is not being processed.', details: { status } });
    return documentView(await findDocument(ctx, id));
  },
});

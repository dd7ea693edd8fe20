import { NotFound } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Document, FileParams } from '../schemas.ts';
import { documentView, findDocument, requireOwn } from '../services/find-document.ts';
import { restoreDocument } from '../services/trash-document.ts';

export const restore = route({
  name: 'restore',
  method: 'POST',
  path: '/api/files/:fileId/restore',
  access: 'tenant',
  permission: 'files:delete',
  summary: 'Take a file out of the trash',
  params: FileParams,
  response: Document,
  async handler(ctx, { params }) {
    const document = await findDocument(ctx, params.fileId, 'trash');
    await requireOwn(ctx, document);
    const restored = await restoreDocument(ctx, document.id);
    if (restored === null) throw NotFound({ message: 'There is no such file in the trash.' });
    return documentView(restored);
  },
});

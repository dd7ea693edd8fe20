import { NotFound, reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { DeleteQuery, FileParams } from '../schemas.ts';
import { deleteDocument } from '../services/delete-document.ts';
import { findDocument, requireOwn } from '../services/find-document.ts';
import { trashDocument } from '../services/trash-document.ts';

export const remove = route({
  name: 'delete',
  method: 'DELETE',
  path: '/api/files/:fileId',
  access: 'tenant',
  permission: 'files:delete',
  summary: 'Put a file into the trash, or with permanent=true erase it, its content and its results, also from the trash',
  params: FileParams,
  query: DeleteQuery,
  status: 204,
  async handler(ctx, { params, query }) {
    const permanent = query.permanent === true || ctx.config.trashDays === 0;
    const document = await findDocument(ctx, params.fileId, permanent ? 'anywhere' : 'shelf');
    await requireOwn(ctx, document);
    const done = permanent ? await deleteDocument(ctx, document) : await trashDocument(ctx, document);
    if (!done) throw NotFound({ message: 'There is no such file.' });
    return reply({ status: 204 });
  },
});

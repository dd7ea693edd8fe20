import { NotFound, reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { FileParams } from '../schemas.ts';
import { deleteDocument } from '../services/delete-document.ts';
import { findDocument } from '../services/find-document.ts';

export const remove = route({
  name: 'delete',
  method: 'DELETE',
  path: '/api/files/:fileId',
  access: 'tenant',
  permission: 'files:delete',
  summary: 'Delete a file, its content and its results',
  params: FileParams,
  status: 204,
  async handler(ctx, { params }) {
    const document = await findDocument(ctx, params.fileId);
    const own = document.ownerId !== null && document.ownerId === ctx.auth.principal.userId;
    if (!own) await ctx.auth.require('files:delete-any');
    if (!(await deleteDocument(ctx, document))) throw NotFound({ message: 'There is no such file.' });
    return reply({ status: 204 });
  },
});

import { NotFound, reply } from '@proofpix/sdk';
import type { FileDeleted } from '../contract.ts';
import { route } from '../kit.ts';
import { FileParams } from '../schemas.ts';
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
    await ctx.db.transaction(async (tx) => {
      // The record first: a report of its run waits for this lock and then finds nothing to write results for.
      if (!(await tx.db.documents.delete(document.id))) throw NotFound({ message: 'There is no such file.' });
      await tx.db.results.delete({ documentId: document.id });
      await tx.jobs.send('purge-content', { contentId: document.contentId });
      const deleted: FileDeleted = { fileId: document.id, documentId: document.id, sha256: document.sha256 };
      await tx.events.emit('files.deleted', deleted);
    });
    return reply({ status: 204 });
  },
});

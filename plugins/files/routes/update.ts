import { NotFound } from '@proofpix/sdk';
import type { FileUpdated } from '../contract.ts';
import { route } from '../kit.ts';
import { Document, FileChange, FileParams } from '../schemas.ts';
import { checkFilename, checkTags, nameKeyOf } from '../services/file-name.ts';
import { documentView, findDocument } from '../services/find-document.ts';
import { claimFolder } from '../services/folder-tree.ts';

export const update = route({
  name: 'update',
  method: 'PATCH',
  path: '/api/files/:fileId',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Rename a file, replace its tags, or move it to another folder',
  params: FileParams,
  body: { json: FileChange, maxBytes: 16_384 },
  response: Document,
  async handler(ctx, { params, body: { filename, tags, folderId } }) {
    if (filename !== undefined) checkFilename(filename);
    if (tags !== undefined) checkTags(tags);
    const { id } = await findDocument(ctx, params.fileId);
    const change = { ...(filename === undefined ? {} : { filename, nameKey: nameKeyOf(filename) }), ...(tags === undefined ? {} : { tags }), ...(folderId === undefined ? {} : { folderId }) };
    return ctx.db.transaction(async (tx) => {
      if (folderId != null) await claimFolder(tx, folderId);
      const changed = await tx.db.documents.update({ id, trashedAt: null }, change);
      const document = changed === 0 ? null : await tx.db.documents.get(id);
      if (document === null) throw NotFound({ message: 'There is no such file.' });
      const payload: FileUpdated = { fileId: id, documentId: id, filename: document.filename, tags: document.tags, folderId: document.folderId };
      await tx.events.emit('files.updated', payload);
      return documentView(document);
    });
  },
});

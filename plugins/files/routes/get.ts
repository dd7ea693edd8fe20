import { route } from '../kit.ts';
import { Document, FileParams } from '../schemas.ts';
import { documentView, findDocument } from '../services/find-document.ts';

export const get = route({
  name: 'get',
  method: 'GET',
  path: '/api/files/:fileId',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A file’s record',
  params: FileParams,
  response: Document,
  handler: async (ctx, { params }) => documentView(await findDocument(ctx, params.fileId)),
});

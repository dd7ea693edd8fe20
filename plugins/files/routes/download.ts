import { reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { FileParams } from '../schemas.ts';
import { findDocument } from '../services/find-document.ts';

export const download = route({
  name: 'download',
  method: 'GET',
  path: '/api/files/:fileId/download',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A file’s content, with ranges',
  params: FileParams,
  produces: ['application/octet-stream'],
  timeoutMs: 300_000,
  async handler(ctx, { params }) {
    const document = await findDocument(ctx, params.fileId);
    // Always an attachment: what a user uploaded must never run in the deployment's own origin.
    return reply({ file: { id: document.contentId, filename: document.filename, mimeType: document.mimeType, inline: false } });
  },
});

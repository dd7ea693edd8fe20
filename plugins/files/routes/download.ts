import { reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { DownloadQuery, FileParams } from '../schemas.ts';
import { findDocument } from '../services/find-document.ts';
import { requireReleased } from '../services/quarantine.ts';
import { findVersion } from '../services/versions.ts';

export const download = route({
  name: 'download',
  method: 'GET',
  path: '/api/files/:fileId/download',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A file’s content, or that of an earlier version, with ranges',
  params: FileParams,
  query: DownloadQuery,
  produces: ['application/octet-stream'],
  timeoutMs: 300_000,
  async handler(ctx, { params, query }) {
    const document = await findDocument(ctx, params.fileId);
    const content = query.version === undefined ? document : await findVersion(ctx, document, query.version);
    requireReleased(content);
    // Always an attachment: what a user uploaded must never run in the deployment's own origin.
    return reply({ file: { id: content.contentId, filename: document.filename, mimeType: content.mimeType, inline: false } });
  },
});

import { reply } from '@proofpix/sdk';
import { ThumbnailQuery } from '../copy-schemas.ts';
import { route } from '../kit.ts';
import { FileParams } from '../schemas.ts';
import { findDocument } from '../services/find-document.ts';
import { requireReleased } from '../services/quarantine.ts';
import { edgeFor, thumbnailOf } from '../services/thumbnails.ts';

export const thumbnail = route({
  name: 'thumbnail',
  method: 'GET',
  path: '/api/files/:fileId/thumbnail',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A small WebP picture of an image, or of the first page of a PDF, with nothing of the file’s metadata',
  params: FileParams,
  query: ThumbnailQuery,
  produces: ['image/webp'],
  timeoutMs: 60_000,
  async handler(ctx, { params, query }) {
    const document = await findDocument(ctx, params.fileId);
    requireReleased(document);
    const id = await thumbnailOf(ctx, document, edgeFor(query.edge ?? 256));
    // made here and so harmless to show; private, because who may see it depends on who asks
    return reply({ headers: { 'cache-control': 'private, max-age=300', vary: 'Authorization, X-API-Key, X-Team-Id' }, file: { id, mimeType: 'image/webp', inline: true } });
  },
});

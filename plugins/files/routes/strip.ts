import { reply } from '@proofpix/sdk';
import { StrippedDocument, StripQuery } from '../copy-schemas.ts';
import { route } from '../kit.ts';
import { FileParams } from '../schemas.ts';
import { documentView, findDocument } from '../services/find-document.ts';
import { strippedName } from '../services/file-name.ts';
import { requireReleased } from '../services/quarantine.ts';
import { storeUpload } from '../services/store-uploads.ts';

/** Longer than the making may take. */
const handleSeconds = 300;

export const strip = route({
  name: 'strip',
  method: 'POST',
  path: '/api/files/:fileId/strip',
  access: 'tenant',
  permission: 'files:read',
  summary: 'A lossless copy without metadata, as a new file beside the original or, with `download`, as the reply',
  params: FileParams,
  query: StripQuery,
  status: 201,
  response: StrippedDocument,
  produces: ['application/octet-stream'],
  timeoutMs: 120_000,
  async handler(ctx, { params, query: { download = false, processImmediately = true } }) {
    if (!download) await ctx.auth.require('files:write');
    const original = await findDocument(ctx, params.fileId);
    requireReleased(original);
    const { filename, mimeType, tags, folderId, extractMetadata, ocr } = original;
    const file = await ctx.files.share(original.contentId, { ttlSeconds: handleSeconds });
    const copy = await ctx.services.privacy.strip({ file, mimeType, filename });
    const name = strippedName(filename);
    if (download) return reply({ status: 200, headers: { 'cache-control': 'private, no-store' }, file: { id: copy.file, filename: name, mimeType: copy.mimeType, inline: false } });
    const document = await storeUpload(ctx, { handle: copy.file, filename: name, declaredType: copy.mimeType, tags }, { processImmediately, extractMetadata, ocr, folderId });
    return reply({ status: 201, headers: { location: `/api/files/${document.id}` }, json: { ...documentView(document), removed: copy.removed } });
  },
});

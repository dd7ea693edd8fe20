import { reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Document, maxUploadBytes, optionsOf, UploadFields } from '../schemas.ts';
import { documentView } from '../services/find-document.ts';
import { onlyFile } from '../services/only-file.ts';
import { storeUpload } from '../services/store-uploads.ts';

export const upload = route({
  name: 'upload',
  method: 'POST',
  path: '/api/files/upload',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Upload a file and, unless told otherwise, process it',
  body: { multipart: { fields: UploadFields, maxFiles: 1, maxBytes: maxUploadBytes } },
  status: 201,
  response: Document,
  timeoutMs: 300_000,
  async handler(ctx, { body, files }) {
    const record = await storeUpload(ctx, onlyFile(files), optionsOf(body));
    return reply({ status: 201, headers: { location: `/api/files/${record.id}` }, json: documentView(record) });
  },
});

import { route } from '../kit.ts';
import { FileParams, ProcessingState } from '../schemas.ts';
import { findDocument } from '../services/find-document.ts';

export const status = route({
  name: 'status',
  method: 'GET',
  path: '/api/files/:fileId/status',
  access: 'tenant',
  permission: 'files:read',
  summary: 'How far processing has come',
  params: FileParams,
  response: ProcessingState,
  async handler(ctx, { params }) {
    const document = await findDocument(ctx, params.fileId);
    return { id: document.id, status: document.status, progress: document.progress, stage: document.stage, error: document.error, updatedAt: document.updatedAt };
  },
});

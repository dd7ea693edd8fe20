import { route } from '../kit.ts';
import { FileParams, Results } from '../schemas.ts';
import { findDocument } from '../services/find-document.ts';

export const results = route({
  name: 'results',
  method: 'GET',
  path: '/api/files/:fileId/results',
  access: 'tenant',
  permission: 'files:read',
  summary: 'What processing found',
  params: FileParams,
  response: Results,
  async handler(ctx, { params }) {
    const { id, status, error } = await findDocument(ctx, params.fileId);
    const found = await ctx.db.results.findOne({ documentId: id });
    if (found === null) return { id, status, error, result: null };
    const { kind, metadata, location, warnings, summary, completedAt } = found;
    return { id, status, error, result: { kind, metadata, location, warnings, summary, completedAt } };
  },
});

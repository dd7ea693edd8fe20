import { route } from '../kit.ts';
import { Document, FileParams } from '../schemas.ts';
import { documentView } from '../services/find-document.ts';
import { startRun } from '../services/start-run.ts';

export const process = route({
  name: 'process',
  method: 'POST',
  path: '/api/files/:fileId/process',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Queue a file for processing',
  params: FileParams,
  status: 202,
  response: Document,
  handler: async (ctx, { params }) => documentView(await startRun(ctx, params.fileId)),
});

export const reprocess = route({
  name: 'reprocess',
  method: 'POST',
  path: '/api/files/:fileId/reprocess',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Queue a file for processing anew; a run that is under way is over',
  params: FileParams,
  status: 202,
  response: Document,
  handler: async (ctx, { params }) => documentView(await startRun(ctx, params.fileId, { replace: true })),
});

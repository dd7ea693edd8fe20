import { route } from '../kit.ts';
import { Document, FileParams, ProcessBody } from '../schemas.ts';
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
  body: { json: ProcessBody, maxBytes: 1024 },
  status: 202,
  response: Document,
  handler: async (ctx, { params, body }) => documentView(await startRun(ctx, params.fileId, { options: body?.options })),
});

export const reprocess = route({
  name: 'reprocess',
  method: 'POST',
  path: '/api/files/:fileId/reprocess',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Queue a file for processing anew; a run that is under way is over',
  params: FileParams,
  body: { json: ProcessBody, maxBytes: 1024 },
  status: 202,
  response: Document,
  handler: async (ctx, { params, body }) => documentView(await startRun(ctx, params.fileId, { replace: true, options: body?.options })),
});

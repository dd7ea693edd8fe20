import { reply } from '@proofpix/sdk';
import { route } from '../kit.ts';
import { Document, FileParams, maxUploadBytes, optionsOf, UploadFields, VersionList, VersionParams } from '../schemas.ts';
import { addVersion } from '../services/add-version.ts';
import { documentView, findDocument } from '../services/find-document.ts';
import { onlyFile } from '../services/only-file.ts';
import { requireReleased } from '../services/quarantine.ts';
import { currentVersion, findVersion, versionView } from '../services/versions.ts';

export const addFileVersion = route({
  name: 'versions.add',
  method: 'POST',
  path: '/api/files/:fileId/versions',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Give a file new content; the old one is kept as an earlier version, and the new one processed unless told otherwise',
  params: FileParams,
  body: { multipart: { fields: UploadFields, maxFiles: 1, maxBytes: maxUploadBytes } },
  status: 201,
  response: Document,
  timeoutMs: 300_000,
  async handler(ctx, { params, body, files }) {
    const file = onlyFile(files);
    const { id } = await findDocument(ctx, params.fileId);
    const stored = await ctx.files.keep(file.handle);
    const document = await addVersion(ctx, id, { stored, declaredType: file.declaredType, restoredFrom: null }, optionsOf(body));
    return reply({ status: 201, json: documentView(document) });
  },
});

export const listVersions = route({
  name: 'versions.list',
  method: 'GET',
  path: '/api/files/:fileId/versions',
  access: 'tenant',
  permission: 'files:read',
  summary: 'The contents that a file has had, newest first, with the one it has now',
  params: FileParams,
  response: VersionList,
  async handler(ctx, { params }) {
    const document = await findDocument(ctx, params.fileId);
    const { items } = await ctx.db.versions.find({ where: { documentId: document.id }, orderBy: [['number', 'desc']], limit: 200 });
    return { items: [versionView(currentVersion(document), true), ...items.map((version) => versionView(version, false))], nextCursor: null };
  },
});

export const restoreVersion = route({
  name: 'versions.restore',
  method: 'POST',
  path: '/api/files/:fileId/versions/:number/restore',
  access: 'tenant',
  permission: 'files:write',
  summary: 'Bring back an earlier content as a new version; it is processed as the file was before',
  params: VersionParams,
  status: 201,
  response: Document,
  timeoutMs: 60_000,
  async handler(ctx, { params }) {
    const before = await findDocument(ctx, params.fileId);
    const content = await findVersion(ctx, before, params.number);
    requireReleased(content);
    const { contentId, declaredType, number } = content;
    // a reference of its own, so that either version may go without the other
    const stored = await ctx.files.keep(await ctx.files.share(contentId, { ttlSeconds: 60 }));
    const { extractMetadata, ocr } = before;
    const document = await addVersion(ctx, before.id, { stored, declaredType, restoredFrom: number }, { processImmediately: true, extractMetadata, ocr });
    return reply({ status: 201, json: documentView(document) });
  },
});

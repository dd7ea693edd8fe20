import { type Reply, reply, type UploadedFile, ValidationError } from '@proofpix/sdk';
import { type FilesContext, route } from '../kit.ts';
import { Resumable, ResumableParams } from '../resumable-schemas.ts';
import { maxUploadBytes } from '../schemas.ts';
import { joinParts } from '../services/join-parts.ts';
import { addPart, createResumable, dropResumable, findResumable, partType, resumableView, type StoredResumable } from '../services/resumables.ts';
import { uploadMetadata } from '../services/upload-metadata.ts';

/*
 * tus 1.0.0 with creation, creation-with-upload, expiration and termination. The routes of a plugin cannot answer
 * OPTIONS, so what the server can do stands in the headers of every reply.
 */

const path = '/api/files/tus';
const defaultMaxBytes = 104_857_600;

const maxBytesOf = (ctx: FilesContext): number => Math.min(maxUploadBytes, ctx.settings.maxUploadBytes ?? defaultMaxBytes);

function headersOf(ctx: FilesContext, upload: StoredResumable | null, fileId: string | null = upload?.fileId ?? null): Record<string, string> {
  return {
    'tus-resumable': '1.0.0',
    'tus-version': '1.0.0',
    'tus-extension': 'creation,creation-with-upload,expiration,termination',
    'tus-max-size': String(maxBytesOf(ctx)),
    'cache-control': 'no-store',
    ...(upload === null ? {} : { 'upload-offset': String(upload.offsetBytes), 'upload-length': String(upload.sizeBytes), 'upload-expires': new Date(upload.expiresAt).toUTCString() }),
    ...(fileId === null ? {} : { 'x-files-id': fileId }),
  };
}

/** Refusals that HTTP has a status of its own for. */
const refusal = (ctx: FilesContext, status: number, error: string, message: string): Reply => reply({ status, headers: headersOf(ctx, null), json: { error, message } });

/** A client of another version is told which one this is. Null when all is well. */
function wrongVersion(ctx: FilesContext, headers: Readonly<Record<string, string>>): Reply | null {
  return headers['tus-resumable'] === '1.0.0' ? null : refusal(ctx, 412, 'PRECONDITION_FAILED', 'This server speaks tus 1.0.0: send Tus-Resumable: 1.0.0.');
}

function bytesIn(headers: Readonly<Record<string, string>>, name: string): number {
  const value = headers[name] ?? '';
  if (!/^\d{1,15}$/.test(value)) throw ValidationError({ message: `${name} must be a number of bytes.`, details: { field: `headers.${name}`, issue: 'must be a number of bytes' } });
  return Number(value);
}

/** Adds a part, and makes a document of an upload that is whole. */
async function take(ctx: FilesContext, upload: StoredResumable, offset: number, part: UploadedFile): Promise<Record<string, string>> {
  const now = await addPart(ctx, upload, offset, part);
  return headersOf(ctx, now, await joinParts(ctx, now));
}

export const createUpload = route({
  name: 'resumable.create',
  method: 'POST',
  path,
  access: 'tenant',
  permission: 'files:write',
  summary: 'Begin an upload that can be resumed (tus 1.0.0); the body may bring its first part',
  body: { upload: true, maxBytes: maxUploadBytes },
  status: 201,
  timeoutMs: 300_000,
  async handler(ctx, { headers, files: [part] }) {
    const wrong = wrongVersion(ctx, headers);
    if (wrong !== null) return wrong;
    const metadata = uploadMetadata(headers['upload-metadata'] ?? '');
    const upload = await createResumable(ctx, metadata, bytesIn(headers, 'upload-length'), maxBytesOf(ctx));
    const brings = part !== undefined && (headers['content-type'] ?? '') === partType;
    const state = brings ? await take(ctx, upload, 0, part) : headersOf(ctx, upload, await joinParts(ctx, upload));
    return reply({ status: 201, headers: { ...state, location: `${path}/${upload.id}` } });
  },
});

export const getUpload = route({
  name: 'resumable.get',
  method: 'GET',
  path: `${path}/:uploadId`,
  access: 'tenant',
  permission: 'files:write',
  summary: 'How far an upload has come; HEAD as tus has it',
  params: ResumableParams,
  response: Resumable,
  async handler(ctx, { params }) {
    const upload = await findResumable(ctx, params.uploadId);
    return reply({ headers: headersOf(ctx, upload), json: resumableView(upload) });
  },
});

export const resumeUpload = route({
  name: 'resumable.resume',
  method: 'PATCH',
  path: `${path}/:uploadId`,
  access: 'tenant',
  permission: 'files:write',
  summary: 'Go on with an upload at its offset; what has arrived counts also when the connection breaks. The last part makes a file, X-Files-Id',
  params: ResumableParams,
  body: { upload: true, maxBytes: maxUploadBytes },
  status: 204,
  timeoutMs: 300_000,
  async handler(ctx, { params, headers, files: [part] }) {
    const wrong = wrongVersion(ctx, headers);
    if (wrong !== null) return wrong;
    if (headers['content-type'] !== partType || part === undefined) return refusal(ctx, 415, 'UNSUPPORTED_MEDIA_TYPE', `The body must be ${partType}.`);
    const upload = await findResumable(ctx, params.uploadId);
    return reply({ status: 204, headers: await take(ctx, upload, bytesIn(headers, 'upload-offset'), part) });
  },
});

export const endUpload = route({
  name: 'resumable.end',
  method: 'DELETE',
  path: `${path}/:uploadId`,
  access: 'tenant',
  permission: 'files:write',
  summary: 'End an upload and forget what has arrived; a file that it became stays',
  params: ResumableParams,
  status: 204,
  async handler(ctx, { params, headers }) {
    const wrong = wrongVersion(ctx, headers);
    if (wrong !== null) return wrong;
    const { id } = await findResumable(ctx, params.uploadId);
    await dropResumable(ctx, id);
    return reply({ status: 204, headers: headersOf(ctx, null) });
  },
});

import { reply, ValidationError } from '@proofpix/sdk';
import type { FileUploaded } from '../contract.ts';
import { route } from '../kit.ts';
import { Document, UploadFields } from '../schemas.ts';
import { documentView } from '../services/find-document.ts';
import { nameKeyOf } from '../services/file-name.ts';
import { isTypeMismatch } from '../services/media-type.ts';
import { emitProcessRequested, queuedRun } from '../services/request-processing.ts';

const maxUploadBytes = 104_857_600;

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
    const [file, ...others] = files;
    if (file === undefined || others.length > 0 || file.field !== 'file') {
      throw ValidationError({ message: 'Send exactly one file, in the field "file".', details: { field: 'file', issue: 'exactly one file is required' } });
    }
    const { processImmediately = true, extractMetadata = true } = body?.options ?? {};
    const stored = await ctx.files.keep(file.handle);
    try {
      const runId = processImmediately ? ctx.random.uuid() : null;
      const record = await ctx.db.transaction(async (tx) => {
        const idle = { status: 'queued', progress: 0, stage: null, error: null, activeRunId: null, runSeenAt: null } as const;
        const made = await tx.db.documents.insert({
          ownerId: ctx.auth.principal.userId,
          filename: file.filename,
          nameKey: nameKeyOf(file.filename),
          tags: [],
          trashedAt: null,
          contentId: stored.id,
          mimeType: stored.mimeType,
          declaredType: file.declaredType,
          typeMismatch: isTypeMismatch(file.declaredType, stored.mimeType),
          sizeBytes: stored.sizeBytes,
          sha256: stored.sha256,
          extractMetadata,
          ...(runId === null ? idle : queuedRun(runId, ctx.clock.date())),
        });
        const uploaded: FileUploaded = { fileId: made.id, documentId: made.id, filename: made.filename, mimeType: made.mimeType, sizeBytes: made.sizeBytes, sha256: made.sha256 };
        await tx.events.emit('files.uploaded', uploaded);
        if (runId !== null) await emitProcessRequested(tx, made, runId);
        return made;
      });
      return reply({ status: 201, headers: { location: `/api/files/${record.id}` }, json: documentView(record) });
    } catch (error) {
      // Keeping content takes part in no transaction: without its record nobody would ever find it again.
      await ctx.files.delete(stored.id).catch(() => undefined);
      throw error;
    }
  },
});

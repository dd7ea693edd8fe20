import { filesDocuments } from '../contract.ts';
import { RunNotActive } from '../errors.ts';
import { provide } from '../kit.ts';
import { findDocument } from './find-document.ts';
import { requireReleased } from './quarantine.ts';

/** Long enough for any job that reads the file, short enough that a leaked handle ends soon. */
const handleTtlSeconds = 3600;

export const documents = provide(filesDocuments, {
  async open(ctx, { fileId, runId }) {
    // Before the permission, so that a processor learns of a deletion as such.
    const document = await findDocument(ctx, fileId);
    // Whoever asked for processing allowed it then: a key that may write but not read can still have its uploads processed.
    if (runId === undefined) {
      await ctx.auth.require('files:read');
      requireReleased(document);
    } else if (document.activeRunId !== runId) throw RunNotActive();
    const handle = await ctx.files.share(document.contentId, { ttlSeconds: handleTtlSeconds });
    const { filename, mimeType, sizeBytes, sha256, declaredType, typeMismatch } = document;
    return { fileId, filename, mimeType, sizeBytes, sha256, declaredType, typeMismatch, handle };
  },
});

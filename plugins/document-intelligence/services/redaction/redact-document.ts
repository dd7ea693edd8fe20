import { ValidationError } from '@proofpix/sdk';
import type { IntelligenceContext } from '../../kit.ts';
import { openDocument } from '../documents/open-document.ts';
import type { RedactionMode } from './modes.ts';
import type { RedactionOptions } from './redact-text.ts';
import { redactedFile } from './redacted-file.ts';

const longestName = 255;

/** `report.pdf` → `report.redacted.pdf`; a picture that is none of PNG becomes a JPEG. */
function nameOfCopy(filename: string, mimeType: string): string {
  const dot = filename.lastIndexOf('.');
  const stem = dot > 0 ? filename.slice(0, dot) : filename;
  const original = dot > 0 ? filename.slice(dot) : '';
  const isImage = mimeType.startsWith('image/') && mimeType !== 'image/svg+xml';
  const ending = isImage ? (mimeType === 'image/png' ? '.png' : '.jpg') : original;
  return `${stem.slice(0, longestName - ending.length - '.redacted'.length)}.redacted${ending}`;
}

/**
 * Makes a redacted copy and has `files` take it as a document of its own; the original stays as it is.
 *
 * @throws NOT_FOUND, FORBIDDEN, NOT_REDACTABLE, QUOTA_EXCEEDED, VALIDATION_ERROR (`encrypt`: a copy is for giving away)
 */
export async function redactDocument(ctx: IntelligenceContext, documentId: string, mode: RedactionMode, options: RedactionOptions): Promise<{ documentId: string; originalId: string; filename: string; counts: Record<string, number> }> {
  if (mode === 'encrypt') throw ValidationError({ message: 'A document cannot be redacted so that it can be restored: its original stays.', details: { field: 'mode', issue: 'encrypt is for texts' } });
  await ctx.auth.require('files:write');
  const document = await openDocument(ctx, documentId);
  const { handle, ownFileId, counts } = await redactedFile(ctx, document, mode, options);
  const filename = nameOfCopy(document.filename, document.mimeType);
  try {
    const { fileId } = await ctx.services.uploads.add({ handle, filename, tags: ['redacted'], process: true });
    await ctx.auth.audit({ action: 'redacted', target: documentId, details: { copy: fileId, counts } });
    return { documentId: fileId, originalId: documentId, filename, counts };
  } finally {
    if (ownFileId !== null) await ctx.files.delete(ownFileId);
  }
}

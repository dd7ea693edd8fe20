import { NotFound } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { Document } from '../schemas.ts';
import { scanView } from './quarantine.ts';

export type StoredDocument = NonNullable<Awaited<ReturnType<FilesContext['db']['documents']['get']>>>;

/**
 * @param where `trash` finds only what lies there, `anywhere` everything; by default what lies there is not found
 * @throws NOT_FOUND also for another tenant's document, which this one cannot see.
 */
export async function findDocument(ctx: FilesContext, fileId: string, where: 'shelf' | 'trash' | 'anywhere' = 'shelf'): Promise<StoredDocument> {
  const document = await ctx.db.documents.get(fileId);
  if (document === null || (where !== 'anywhere' && (document.trashedAt !== null) !== (where === 'trash'))) throw NotFound({ message: where === 'trash' ? 'There is no such file in the trash.' : 'There is no such file.' });
  return document;
}

/** One's own files need no more than the route's permission. @throws FORBIDDEN */
export async function requireOwn(ctx: FilesContext, document: StoredDocument): Promise<void> {
  const own = document.ownerId !== null && document.ownerId === ctx.auth.principal.userId;
  if (!own) await ctx.auth.require('files:delete-any');
}

/** What callers see of a record: no content id, no run. */
export function documentView(record: StoredDocument): Document {
  const { id, ownerId, filename, mimeType, declaredType, typeMismatch, sizeBytes, sha256, version, status, progress, error, tags, folderId, trashedAt, createdAt, updatedAt } = record;
  return { id, ownerId, filename, mimeType, declaredType, typeMismatch, sizeBytes, sha256, scan: scanView(record), version, status, progress, error, tags, folderId, trashedAt, createdAt, updatedAt };
}

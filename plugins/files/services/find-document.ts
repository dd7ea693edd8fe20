import { NotFound } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { Document } from '../schemas.ts';

export type StoredDocument = NonNullable<Awaited<ReturnType<FilesContext['db']['documents']['get']>>>;

/** @throws NOT_FOUND also for another tenant's document, which this one cannot see. */
export async function findDocument(ctx: FilesContext, fileId: string): Promise<StoredDocument> {
  const document = await ctx.db.documents.get(fileId);
  if (document === null) throw NotFound({ message: 'There is no such file.' });
  return document;
}

/** What callers see of a record: no content id, no run. */
export function documentView(record: StoredDocument): Document {
  const { id, ownerId, filename, mimeType, declaredType, typeMismatch, sizeBytes, sha256, status, progress, error, createdAt, updatedAt } = record;
  return { id, ownerId, filename, mimeType, declaredType, typeMismatch, sizeBytes, sha256, status, progress, error, createdAt, updatedAt };
}

import { NotFound } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { Version } from '../schemas.ts';
import type { StoredDocument } from './find-document.ts';
import { scanView } from './quarantine.ts';

export type StoredVersion = NonNullable<Awaited<ReturnType<FilesContext['db']['versions']['get']>>>;
/** What one version is about, whether it is the current one or an earlier one. */
export type VersionContent = Omit<StoredVersion, 'id' | 'createdAt' | 'updatedAt'>;

export function currentVersion({ id, version, versionBy, versionAt, restoredFrom, ownerId, createdAt, contentId, mimeType, declaredType, typeMismatch, sizeBytes, sha256, scanState, scannedAt, scanSignature, scanReason }: StoredDocument): VersionContent {
  const first = versionAt === null;
  return { documentId: id, number: version, contentId, mimeType, declaredType, typeMismatch, sizeBytes, sha256, scanState, scannedAt, scanSignature, scanReason, restoredFrom, broughtBy: first ? ownerId : versionBy, broughtAt: first ? createdAt : versionAt };
}

/** @throws NOT_FOUND also for a version that made room for newer ones */
export async function findVersion(ctx: FilesContext, document: StoredDocument, number: number): Promise<VersionContent> {
  if (number === document.version) return currentVersion(document);
  const version = await ctx.db.versions.findOne({ documentId: document.id, number });
  if (version === null) throw NotFound({ message: 'There is no such version.' });
  return version;
}

export function versionView(version: VersionContent, current: boolean): Version {
  const { number, mimeType, typeMismatch, sizeBytes, sha256, restoredFrom, broughtBy, broughtAt } = version;
  return { number, current, mimeType, typeMismatch, sizeBytes, sha256, scan: scanView(version), restoredFrom, createdBy: broughtBy, createdAt: broughtAt };
}

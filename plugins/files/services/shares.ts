import { NotFound } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { Share } from '../schemas.ts';

export type StoredShare = NonNullable<Awaited<ReturnType<FilesContext['db']['shares']['get']>>>;

/** What a share's token is signed for. */
export const sharePurpose = 'share';

/** @throws NOT_FOUND also for a share of another file */
export async function findShare(ctx: FilesContext, fileId: string, shareId: string): Promise<StoredShare> {
  const share = await ctx.db.shares.get(shareId);
  if (share === null || share.fileId !== fileId) throw NotFound({ message: 'There is no such share.' });
  return share;
}

export function shareView(record: StoredShare, nowMs: number): Share {
  const { id, fileId, createdBy, expiresAt, maxDownloads, downloads, passwordHash, lastUsedAt, revokedAt, createdAt } = record;
  const usedUp = maxDownloads !== null && downloads >= maxDownloads;
  const status = revokedAt !== null ? 'revoked' : Date.parse(expiresAt) <= nowMs ? 'expired' : usedUp ? 'used-up' : 'active';
  return { id, fileId, createdBy, status, expiresAt, maxDownloads, downloads, hasPassword: passwordHash !== null, lastUsedAt, revokedAt, createdAt };
}

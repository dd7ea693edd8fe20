import { NotFound } from '@proofpix/sdk';
import type { FilesContext } from '../kit.ts';
import type { Share } from '../schemas.ts';
import type { StoredDocument } from './find-document.ts';

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
  const { id, fileId, createdBy, expiresAt, maxDownloads, downloads, lastUsedAt, revokedAt, createdAt } = record;
  const usedUp = maxDownloads !== null && downloads >= maxDownloads;
  const status = revokedAt !== null ? 'revoked' : Date.parse(expiresAt) <= nowMs ? 'expired' : usedUp ? 'used-up' : 'active';
  return { id, fileId, createdBy, status, expiresAt, maxDownloads, downloads, lastUsedAt, revokedAt, createdAt };
}

/**
 * Counts one use of a share and answers its file. One conditional statement decides, so that however many come at
 * once, a share is used no oftener than it allows, and not at all after it was revoked.
 *
 * @throws NOT_FOUND in the same words whatever the reason: a link says nothing about what it once led to
 */
export async function useShare(ctx: FilesContext, shareId: string): Promise<StoredDocument> {
  const share = await ctx.db.shares.get(shareId);
  const document = share === null ? null : await ctx.db.documents.get(share.fileId);
  if (share !== null && document !== null && document.trashedAt === null) {
    const now = ctx.clock.date().toISOString();
    const used = await ctx.db.shares.update(
      { id: shareId, revokedAt: null, expiresAt: { $gt: now }, ...(share.maxDownloads === null ? {} : { downloads: { $lt: share.maxDownloads } }) },
      { downloads: { $inc: 1 }, lastUsedAt: now },
    );
    if (used > 0) return document;
  }
  throw NotFound({ message: 'This link is not valid, or no longer.' });
}

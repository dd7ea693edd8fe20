import { NotFound, RateLimitExceeded } from '@proofpix/sdk';
import { SharePasswordRequired } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import { downloadKind } from './download-kind.ts';
import type { StoredDocument } from './find-document.ts';
import { released } from './quarantine.ts';
import type { StoredShare } from './shares.ts';

/** Wrong passwords for one link. */
const maxTries = 10;
const triesSeconds = 900;
/** So long after a download its rest may be fetched. */
const restSeconds = 86_400;

const over = () => NotFound({ message: 'This link is not valid, or no longer.' });

/** Tries are counted before they are checked, so that a crowd has no more of them than one. */
async function requirePassword(ctx: FilesContext, share: StoredShare, password: string | null): Promise<void> {
  if (share.passwordHash === null) return;
  if (password === null) throw SharePasswordRequired();
  const key = `share-tries ${share.id}`;
  const ttl = { ttlSeconds: triesSeconds };
  if ((await ctx.kv.increment(key, 1, ttl)) > maxTries) {
    throw RateLimitExceeded({ message: 'Too many wrong passwords for this link. Try again later.', retryAfterSeconds: triesSeconds });
  }
  if (!(await ctx.vault.verifyPassword(password, share.passwordHash))) {
    await ctx.auth.audit({ action: 'share-refused', target: share.fileId, details: { shareId: share.id } });
    throw SharePasswordRequired();
  }
  await ctx.kv.increment(key, -1, ttl);
}

/** Whether the rest of a download may be had without counting: altogether no more than the counted downloads brought. */
async function isWithinRest(ctx: FilesContext, share: StoredShare, bytes: number, sizeBytes: number): Promise<boolean> {
  if (share.maxDownloads === null) return true;
  const key = `share-rest ${share.id}`;
  const ttl = { ttlSeconds: restSeconds };
  if ((await ctx.kv.increment(key, bytes, ttl)) <= sizeBytes * share.downloads) return true;
  await ctx.kv.increment(key, -bytes, ttl);
  return false;
}

/** One conditional statement decides: however many come at once, a share is used no oftener than it allows, and not at all after it was revoked. */
async function isCounted(ctx: FilesContext, { id, maxDownloads }: StoredShare): Promise<boolean> {
  const now = ctx.clock.date().toISOString();
  const used = await ctx.db.shares.update({ id, revokedAt: null, expiresAt: { $gt: now }, ...(maxDownloads === null ? {} : { downloads: { $lt: maxDownloads } }) }, { downloads: { $inc: 1 }, lastUsedAt: now });
  return used > 0;
}

/**
 * Answers the file of a share and counts the use, unless the request asks only for the rest of a download, or whether
 * the file is still the same.
 *
 * @param headers of the request; null where the whole file is answered whatever they say
 * @throws NOT_FOUND in the same words whatever the reason: a link says nothing about what it once led to;
 *   SHARE_PASSWORD_REQUIRED, RATE_LIMIT_EXCEEDED
 */
export async function useShare(ctx: FilesContext, shareId: string, password: string | null, headers: Readonly<Record<string, string>> | null): Promise<StoredDocument> {
  const share = await ctx.db.shares.get(shareId);
  const document = share === null ? null : await ctx.db.documents.get(share.fileId);
  if (share === null || document === null || document.trashedAt !== null || !released.includes(document.scanState)) throw over();
  if (share.revokedAt !== null || Date.parse(share.expiresAt) <= ctx.clock.now()) throw over();
  const asked = headers === null ? ({ kind: 'whole' } as const) : downloadKind(headers, document);
  // one that is used up is as good as wrong, before its password is asked for
  if (asked.kind === 'whole' && share.maxDownloads !== null && share.downloads >= share.maxDownloads) throw over();
  await requirePassword(ctx, share, password);
  if (asked.kind === 'nothing') return document;
  const continued = asked.kind === 'rest' && (await isWithinRest(ctx, share, asked.bytes, document.sizeBytes));
  if (!continued && !(await isCounted(ctx, share))) throw over();
  await ctx.auth.audit({ action: continued ? 'share-continued' : 'share-used', target: document.id, details: { shareId } });
  return document;
}

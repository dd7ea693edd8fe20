import { reply } from '@proofpix/sdk';
import { TooManyShares } from '../errors.ts';
import { route } from '../kit.ts';
import { CreateShare, FileParams, MadeShare, PageQuery, SharePage, ShareParams, SharePassword, ShareToken } from '../schemas.ts';
import { findDocument, type StoredDocument } from '../services/find-document.ts';
import { requireReleased } from '../services/quarantine.ts';
import { findShare, sharePurpose, shareView } from '../services/shares.ts';
import { useShare } from '../services/use-share.ts';

const weekSeconds = 604_800;
/** Of one file, at a time. */
const maxActive = 100;

export const createShare = route({
  name: 'shares.create',
  method: 'POST',
  path: '/api/files/:fileId/share',
  access: 'tenant',
  permission: 'files:share',
  summary: 'Make a link by which anybody can download the file until it expires, is used up or is revoked; it is shown only now',
  params: FileParams,
  body: { json: CreateShare, maxBytes: 4096 },
  status: 201,
  response: MadeShare,
  secretReply: true,
  async handler(ctx, { params, body: { expiresInSeconds = weekSeconds, maxDownloads = null, password } }) {
    // nobody gives away what they may not see
    await ctx.auth.require('files:read');
    const document = await findDocument(ctx, params.fileId);
    requireReleased(document);
    const { id: fileId } = document;
    const active = await ctx.db.shares.count({ fileId, revokedAt: null, expiresAt: { $gt: ctx.clock.date().toISOString() } });
    if (active >= maxActive) throw TooManyShares({ details: { maxActive } });
    const passwordHash = password === undefined ? null : await ctx.vault.hashPassword(password);
    const expiresAt = new Date(ctx.clock.now() + expiresInSeconds * 1000).toISOString();
    const share = await ctx.db.shares.insert({ fileId, createdBy: ctx.auth.principal.userId, expiresAt, maxDownloads, downloads: 0, passwordHash, lastUsedAt: null, revokedAt: null });
    const token = await ctx.links.sign({ purpose: sharePurpose, id: share.id, expiresInSeconds });
    await ctx.auth.audit({ action: 'shared', target: fileId, details: { shareId: share.id, expiresAt, maxDownloads, hasPassword: passwordHash !== null } });
    return reply({ status: 201, json: { ...shareView(share, ctx.clock.now()), token, path: `/api/files/shared/${token}` } });
  },
});

export const listShares = route({
  name: 'shares.list',
  method: 'GET',
  path: '/api/files/:fileId/shares',
  access: 'tenant',
  permission: 'files:share',
  summary: 'The links to a file, newest first, also those that are over',
  params: FileParams,
  query: PageQuery,
  response: SharePage,
  async handler(ctx, { params, query: { limit = 50, cursor } }) {
    const { id: fileId } = await findDocument(ctx, params.fileId);
    const { items, nextCursor } = await ctx.db.shares.find({ where: { fileId }, orderBy: [['createdAt', 'desc']], limit, ...(cursor === undefined ? {} : { cursor }) });
    return { items: items.map((share) => shareView(share, ctx.clock.now())), nextCursor };
  },
});

export const revokeShare = route({
  name: 'shares.revoke',
  method: 'DELETE',
  path: '/api/files/:fileId/shares/:shareId',
  access: 'tenant',
  permission: 'files:share',
  summary: 'Revoke a link; downloads under way go on',
  params: ShareParams,
  status: 204,
  async handler(ctx, { params }) {
    const { id: fileId, ownerId } = await findDocument(ctx, params.fileId, 'anywhere');
    const { id: shareId, createdBy } = await findShare(ctx, fileId, params.shareId);
    const { userId } = ctx.auth.principal;
    if (userId === null || (userId !== createdBy && userId !== ownerId)) await ctx.auth.require('files:delete-any');
    const revoked = await ctx.db.shares.update({ id: shareId, revokedAt: null }, { revokedAt: ctx.clock.date().toISOString() });
    if (revoked > 0) await ctx.auth.audit({ action: 'share-revoked', target: fileId, details: { shareId } });
    return reply({ status: 204 });
  },
});

const download = (document: StoredDocument) =>
  // A cache on the way would hand out what was revoked or used up.
  reply({ headers: { 'cache-control': 'private, no-store' }, file: { id: document.contentId, filename: document.filename, mimeType: document.mimeType, inline: false } });

const shared = { path: '/api/files/shared/:token', access: 'public', tenantFrom: { in: 'params', name: 'token', purpose: sharePurpose }, params: ShareToken, produces: ['application/octet-stream'], timeoutMs: 300_000 } as const;

export const downloadShared = route({
  ...shared,
  name: 'shares.download',
  method: 'GET',
  produces: [...shared.produces],
  summary: 'A shared file’s content, with ranges; a password goes into X-Share-Password. The rest of a download that broke off counts for nothing',
  handler: async (ctx, { headers }) => download(await useShare(ctx, ctx.auth.link?.id ?? '', headers['x-share-password'] ?? null, headers)),
});

export const openShared = route({
  ...shared,
  name: 'shares.open',
  method: 'POST',
  produces: [...shared.produces],
  summary: 'A shared file’s content, whole, with the password in the body',
  body: { json: SharePassword, maxBytes: 4096 },
  // the file is no reply to be kept for a second try
  secretReply: true,
  handler: async (ctx, { body }) => download(await useShare(ctx, ctx.auth.link?.id ?? '', body.password, null)),
});

import { isError } from '@proofpix/sdk';
import { thumbnailEdges } from '../copy-schemas.ts';
import { ThumbnailUnavailable } from '../errors.ts';
import type { FilesContext } from '../kit.ts';
import { fromBase64 } from './base64.ts';
import type { StoredDocument } from './find-document.ts';

/** Longer than the making may take. */
const handleSeconds = 300;
/** What will be wrong with the content tomorrow as well, so that nobody tries again. */
const lasting = ['IMAGE_UNSUPPORTED', 'IMAGE_BROKEN', 'PAGE_NOT_RENDERED'];

/** The smallest kept size that is at least as large. */
export function edgeFor(wanted: number): number {
  return thumbnailEdges.find((edge) => edge >= wanted) ?? 1024;
}

async function make(ctx: FilesContext, { contentId, mimeType }: StoredDocument, edge: number): Promise<string> {
  const file = await ctx.files.share(contentId, { ttlSeconds: handleSeconds });
  if (mimeType !== 'application/pdf') return (await ctx.services.thumbnails.make({ file, edge })).base64;
  // twice as large: small letters get lighter when they are drawn small
  const page = await ctx.services.pages.render({ file, page: 1, maxEdge: edge * 2 });
  return (await ctx.services.thumbnails.makeOf({ base64: page.base64, edge })).base64;
}

/** Which stored picture shows the content; null when it was found out that none can be made. */
async function madeNow(ctx: FilesContext, document: StoredDocument, edge: number): Promise<string | null> {
  let pictureId: string | null = null;
  try {
    const picture = fromBase64(await make(ctx, document, edge));
    pictureId = (await ctx.files.write(picture, { mimeType: 'image/webp' })).id;
  } catch (error) {
    if (isError(error, 'IMAGE_TOO_LARGE')) throw ThumbnailUnavailable();
    if (!lasting.some((code) => isError(error, code))) throw error;
  }
  return keep(ctx, document, edge, pictureId);
}

/** Remembers a picture. Two requests may have made it at once, and the file may have gone meanwhile: then this one goes. */
async function keep(ctx: FilesContext, { id: documentId, contentId }: StoredDocument, edge: number, pictureId: string | null): Promise<string | null> {
  const drop = async (): Promise<void> => (pictureId === null ? undefined : void (await ctx.files.delete(pictureId).catch(() => undefined)));
  try {
    await ctx.db.thumbnails.insert({ documentId, contentId, edge, pictureId });
  } catch (error) {
    await drop();
    const first = isError(error, 'CONFLICT') ? await ctx.db.thumbnails.findOne({ contentId, edge }) : null;
    if (first === null) throw error;
    return first.pictureId;
  }
  // after the insert: whoever purges the content either finds it or has been before
  if ((await ctx.db.documents.get(documentId)) !== null) return pictureId;
  await ctx.db.thumbnails.delete({ contentId, edge });
  await drop();
  throw ThumbnailUnavailable();
}

/**
 * The stored picture of a document's content, made at the first request for its size.
 *
 * @throws THUMBNAIL_UNAVAILABLE where there is nothing to show, UNAVAILABLE when too many are made at once
 */
export async function thumbnailOf(ctx: FilesContext, document: StoredDocument, edge: number): Promise<string> {
  const { contentId, mimeType } = document;
  if (!mimeType.startsWith('image/') && mimeType !== 'application/pdf') throw ThumbnailUnavailable();
  const made = await ctx.db.thumbnails.findOne({ contentId, edge });
  const pictureId = made === null ? await madeNow(ctx, document, edge) : made.pictureId;
  if (pictureId === null) throw ThumbnailUnavailable();
  return pictureId;
}

/** Before the content itself goes. */
export async function dropThumbnails(ctx: FilesContext, contentId: string): Promise<void> {
  const { items } = await ctx.db.thumbnails.find({ where: { contentId }, limit: 100 });
  for (const { id, pictureId } of items) {
    try {
      if (pictureId !== null) await ctx.files.delete(pictureId);
    } catch (error) {
      if (!isError(error, 'NOT_FOUND')) throw error;
    }
    await ctx.db.thumbnails.delete(id);
  }
}

import { imagesRendering } from '../contract.ts';
import { provide } from '../kit.ts';
import { decoding, openPicture } from './open-picture.ts';
import { withPicture } from './read-picture.ts';
import { showBounds } from './thumbnails.ts';

/** Grey PNG on white, upright, fit for reading by machine. @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE, PAGE_NOT_RENDERED */
export function renderedOf(content: Uint8Array<ArrayBuffer>, { page, maxEdge, maxEnlargement }: { page: number; maxEdge: number; maxEnlargement: number }) {
  return decoding(async () => {
    const { image, width: originalWidth, height: originalHeight, pages, format } = await openPicture(content, showBounds, page);
    const scale = Math.min(maxEnlargement, maxEdge / Math.max(originalWidth, originalHeight));
    const size = { width: Math.max(1, Math.round(originalWidth * scale)), height: Math.max(1, Math.round(originalHeight * scale)) };
    const { data, info } = await image
      .resize({ ...size, fit: 'fill' })
      .flatten({ background: '#ffffff' })
      .greyscale()
      .toColourspace('b-w')
      .png({ compressionLevel: 1 })
      .toBuffer({ resolveWithObject: true });
    return { base64: data.toString('base64'), width: info.width, height: info.height, originalWidth, originalHeight, pageCount: format === 'tiff' ? pages : 1 };
  });
}

export const rendering = provide(imagesRendering, { grey: (ctx, { file, ...how }) => withPicture(ctx, file, showBounds.maxBytes, (content) => renderedOf(content, how)) });

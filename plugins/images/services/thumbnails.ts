import { imagesThumbnails } from '../contract.ts';
import { provide } from '../kit.ts';
import { allFormats } from './formats.ts';
import { type Bounds, decoding, openPicture } from './open-picture.ts';
import { withBytes, withPicture } from './read-picture.ts';

/** For pictures that people keep: the files are theirs, and the sizes what cameras and scanners make. */
export const showBounds: Bounds = { formats: allFormats, maxBytes: 104_857_600, maxEdge: 32_768, maxPixels: 50_000_000, maxJpegPixels: 100_000_000, decodeSeconds: 15 };

/** Upright WebP in its proportions, within a square of `edge` pixels, never enlarged. @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE */
export function thumbnailOf(content: Uint8Array<ArrayBuffer>, edge: number, bounds: Bounds = showBounds): Promise<{ base64: string; width: number; height: number }> {
  return decoding(async () => {
    const { image } = await openPicture(content, bounds);
    const { data, info } = await image.resize(edge, edge, { fit: 'inside', withoutEnlargement: true }).toColourspace('srgb').webp({ quality: 80 }).toBuffer({ resolveWithObject: true });
    return { base64: data.toString('base64'), width: info.width, height: info.height };
  });
}

/** What a caller hands over as bytes. */
const renderedBounds: Bounds = { ...showBounds, formats: ['png', 'jpeg', 'webp'], maxBytes: 25_165_824 };

export const thumbnails = provide(imagesThumbnails, {
  make: (ctx, { file, edge }) => withPicture(ctx, file, showBounds.maxBytes, (content) => thumbnailOf(content, edge)),
  makeOf: (ctx, { base64, edge }) => withBytes(ctx, new Uint8Array(Buffer.from(base64, 'base64')), renderedBounds.maxBytes, (content) => thumbnailOf(content, edge, renderedBounds)),
});

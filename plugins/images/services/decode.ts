import { webFormats } from './formats.ts';
import { type Bounds, decoding, loadSharp, openPicture } from './open-picture.ts';

/** For squares, which are made of uploads that are pictures of people. */
export const squareBounds: Bounds = { formats: webFormats, maxBytes: 8_388_608, maxEdge: 16_384, maxPixels: 40_000_000, maxJpegPixels: 40_000_000, decodeSeconds: 10 };

/** WebP squares of a picture, in the order of the sizes. @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE */
export function squaresOf(content: Uint8Array<ArrayBuffer>, sizes: readonly number[]): Promise<Buffer[]> {
  return decoding(async () => {
    const sharp = await loadSharp();
    const { image } = await openPicture(content, squareBounds);
    // decoded once; the smaller ones come from the largest
    const largest = await image.resize(Math.max(...sizes), Math.max(...sizes), { fit: 'cover' }).toColourspace('srgb').png().toBuffer();
    const made: Buffer[] = [];
    for (const size of sizes) made.push(await sharp(largest).resize(size, size).webp({ quality: 82 }).toBuffer());
    return made;
  });
}

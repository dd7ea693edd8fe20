import { imagesRedaction } from '../contract.ts';
import { provide } from '../kit.ts';
import { type Area, blackOut } from './black-out.ts';
import { allFormats } from './formats.ts';
import { type Bounds, decoding, loadSharp, openPicture } from './open-picture.ts';
import { withPicture } from './read-picture.ts';

/** Every pixel is decoded and held. */
export const coverBounds: Bounds = { formats: allFormats, maxBytes: 104_857_600, maxEdge: 32_768, maxPixels: 50_000_000, maxJpegPixels: 50_000_000, decodeSeconds: 20 };
/** A block of JPEG without subsampling: half a block would let what was beside the area ring into it. */
const jpegBlock = 8;
/** As long as the caller may keep the copy. */
const handleSeconds = 3600;

/** A picture of the same pixels, black where the areas are, and of nothing else. @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE */
export function coveredCopy(content: Uint8Array<ArrayBuffer>, areas: readonly Area[]): Promise<{ data: Buffer; mimeType: string }> {
  return decoding(async () => {
    const sharp = await loadSharp();
    const { image, format } = await openPicture(content, coverBounds);
    const isPng = format === 'png';
    const { data, info } = await (isPng ? image : image.flatten({ background: '#ffffff' })).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    blackOut({ data, width: info.width, height: info.height, channels: info.channels }, areas, isPng ? 1 : jpegBlock);
    const covered = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels }, limitInputPixels: coverBounds.maxPixels });
    return isPng ? { data: await covered.png().toBuffer(), mimeType: 'image/png' } : { data: await covered.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer(), mimeType: 'image/jpeg' };
  });
}

export const redaction = provide(imagesRedaction, {
  async cover(ctx, { file, areas }) {
    const { data, mimeType } = await withPicture(ctx, file, coverBounds.maxBytes, (content) => coveredCopy(content, areas));
    const { id, sizeBytes } = await ctx.files.write(data, { mimeType });
    await ctx.jobs.send('drop-copy', { fileId: id }, { startAfter: handleSeconds + 300 });
    return { file: await ctx.files.share(id, { ttlSeconds: handleSeconds }), mimeType, sizeBytes };
  },
});

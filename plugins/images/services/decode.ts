import type { Sharp } from 'sharp';
import { ImageBroken, ImageTooLarge, ImageUnsupported } from '../errors.ts';

export const maxBytes = 8_388_608;
const maxPixels = 40_000_000;
const maxEdge = 16_384;
const maxFrames = 1_000;
const decodeSeconds = 10;

/** What the first bytes must be. Everything else libvips could read (SVG, PDF, TIFF, and what its loaders call) is never handed to it. */
const signatures: readonly (readonly [format: string, matches: (head: Uint8Array) => boolean])[] = [
  ['jpeg', (head) => starts(head, [0xff, 0xd8, 0xff])],
  ['png', (head) => starts(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['gif', (head) => starts(head, [0x47, 0x49, 0x46, 0x38])],
  ['webp', (head) => starts(head, [0x52, 0x49, 0x46, 0x46]) && starts(head.subarray(8), [0x57, 0x45, 0x42, 0x50])],
];

const starts = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((byte, at) => bytes[at] === byte);

export function formatOf(head: Uint8Array): string {
  const found = signatures.find(([, matches]) => matches(head))?.[0];
  if (found === undefined) throw ImageUnsupported();
  return found;
}

/** Loaded with the first picture: it takes some 25 MB. */
const load = async () => (await import('sharp')).default;

/** The picture's first frame, upright, after its header has been judged: nothing is decoded before. */
async function judged(content: Uint8Array): Promise<Sharp> {
  const sharp = await load();
  const format = formatOf(content);
  const options = { failOn: 'truncated', limitInputPixels: maxPixels, sequentialRead: true, unlimited: false, pages: 1 } as const;
  const { format: found, width, height, pages = 1 } = await sharp(content, options).metadata();
  if (found !== format) throw ImageUnsupported();
  if (width > maxEdge || height > maxEdge || width * height > maxPixels) throw ImageTooLarge({ message: `A picture has at most ${maxPixels / 1_000_000} million pixels.`, details: { limit: 'pixels' } });
  if (pages > maxFrames) throw ImageTooLarge({ message: `An animation has at most ${maxFrames} frames.`, details: { limit: 'frames' } });
  return sharp(content, options).timeout({ seconds: decodeSeconds }).autoOrient();
}

/** WebP squares of a picture, in the order of the sizes. @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE */
export async function squaresOf(content: Uint8Array, sizes: readonly number[]): Promise<Buffer[]> {
  try {
    const sharp = await load();
    // decoded once; the smaller ones come from the largest
    const largest = await (await judged(content)).resize(Math.max(...sizes), Math.max(...sizes), { fit: 'cover' }).toColourspace('srgb').png().toBuffer();
    const made: Buffer[] = [];
    for (const size of sizes) made.push(await sharp(largest).resize(size, size).webp({ quality: 82 }).toBuffer());
    return made;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'string') throw error;
    const { message } = error as Error;
    if (/pixel limit/i.test(message)) throw ImageTooLarge({ details: { limit: 'pixels' }, cause: error });
    if (/timeout/i.test(message)) throw ImageTooLarge({ details: { limit: 'time' }, cause: error });
    throw ImageBroken({ cause: error });
  }
}

import type { ImageFacts } from '../contract.ts';

/** Blocks of metadata that the decoder found, for formats whose container the tag reader does not know. */
export interface EmbeddedBlocks {
  exif: Uint8Array<ArrayBuffer> | null;
  xmp: Uint8Array<ArrayBuffer> | null;
}

export interface ImageHeader {
  facts: ImageFacts;
  blocks: EmbeddedBlocks;
}

const bitsOf: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16, uint: 32, int: 32, float: 32, double: 64 };

/** A copy in memory of its own, so that it can move to another thread. */
const own = (block: Buffer | undefined): Uint8Array<ArrayBuffer> | null => (block === undefined ? null : Uint8Array.from(block));

/**
 * Reads an image's header. No pixel is decoded, so a picture that claims to be huge costs nothing;
 * the work is off the event loop.
 *
 * @returns null when the bytes are no image that the decoder knows
 */
export async function readImageHeader(content: Uint8Array): Promise<ImageHeader | null> {
  // Loaded with the first image: the library costs tens of megabytes that an idle process should not hold.
  const { default: sharp } = await import('sharp');
  try {
    const header = await sharp(content, { failOn: 'none', limitInputPixels: false, sequentialRead: true }).metadata();
    const height = header.pageHeight ?? header.height;
    const facts: ImageFacts = {
      width: header.width,
      height,
      displayWidth: header.autoOrient.width,
      displayHeight: header.pageHeight ?? header.autoOrient.height,
      orientation: header.orientation ?? null,
      format: header.format === 'heif' ? (header.compression === 'av1' ? 'avif' : 'heic') : header.format,
      colorSpace: header.space ?? null,
      channels: header.channels ?? null,
      bitsPerSample: header.bitsPerSample ?? bitsOf[header.depth] ?? null,
      hasAlpha: header.hasAlpha ?? null,
      densityDpi: header.density ?? null,
      pages: header.pages ?? 1,
    };
    return { facts, blocks: { exif: own(header.exif), xmp: own(header.xmp) } };
  } catch {
    return null;
  }
}

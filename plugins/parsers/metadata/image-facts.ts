import type { Sharp } from 'sharp';
import type { ImageFacts } from '../contract.ts';
import { asNumber, type Tags } from './tag-values.ts';

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
    const header: Awaited<ReturnType<Sharp['metadata']>> = await sharp(content, { failOn: 'none', limitInputPixels: false, sequentialRead: true }).metadata();
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

/** The same from tags, for pictures that the decoder does not know: raw formats, Photoshop and others. */
export function imageFactsOf(values: Readonly<Record<string, Tags>>): ImageFacts | null {
  const file = values['File'] ?? {};
  const [width, height] = String(values['Composite']?.['ImageSize'] ?? '').split(/[x ]/).map(Number);
  if (typeof file['MIMEType'] !== 'string' || !file['MIMEType'].startsWith('image/') || !Number.isInteger(width) || !Number.isInteger(height)) return null;
  const orientation = asNumber(values['IFD0']?.['Orientation']);
  const turned = orientation !== null && orientation >= 5 && orientation <= 8;
  const [wide, tall] = [width as number, height as number];
  return {
    width: wide,
    height: tall,
    displayWidth: turned ? tall : wide,
    displayHeight: turned ? wide : tall,
    orientation: orientation !== null && orientation >= 1 && orientation <= 8 ? orientation : null,
    format: String(file['FileTypeExtension'] ?? '').toLowerCase(),
    colorSpace: null,
    channels: null,
    bitsPerSample: asNumber(file['BitsPerSample']),
    hasAlpha: null,
    densityDpi: null,
    pages: 1,
  };
}

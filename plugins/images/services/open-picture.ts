import type { Sharp } from 'sharp';
import { ImageBroken, ImageTooLarge, ImageUnsupported, PageNotRendered } from '../errors.ts';
import { type Format, formatOf } from './formats.ts';
import { heicLane } from './heic-lane.ts';

/** What a picture must keep within before anything of it is decoded. */
export interface Bounds {
  formats: readonly Format[];
  maxBytes: number;
  maxEdge: number;
  /** Of formats whose decoder holds the whole picture; a JPEG is decoded at the size it is shown in. */
  maxPixels: number;
  maxJpegPixels: number;
  decodeSeconds: number;
}

const maxPages = 1_000;

/** A picture whose header has been judged; nothing of it is decoded yet, except for HEIC. */
export interface OpenPicture {
  /** Upright; each use starts from here by `clone()`. */
  image: Sharp;
  format: Format;
  /** Of the upright picture, in pixels. */
  width: number;
  height: number;
  /** Pages of a TIFF, frames of an animation. */
  pages: number;
}

/** Loaded with the first picture: it takes some 25 MB. Its cache of operations would keep pictures that nobody asks for again. */
export async function loadSharp() {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  return sharp;
}

/** What libvips and libheif say, as this plugin's errors; what has a code already stays as it is. */
function failureOf(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return error;
  if (/pixel limit/i.test(String(message))) return ImageTooLarge({ details: { limit: 'pixels' }, cause: error });
  if (/timeout/i.test(String(message))) return ImageTooLarge({ details: { limit: 'time' }, cause: error });
  return ImageBroken({ cause: error });
}

/** @throws IMAGE_UNSUPPORTED, IMAGE_BROKEN, IMAGE_TOO_LARGE instead of whatever the decoders throw */
export async function decoding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

/** The name that libvips has for a format: AVIF and HEIC are told apart by what compressed them. */
const nameOf = ({ format, compression }: { format?: string; compression?: string }): string | undefined => (format === 'heif' ? (compression === 'av1' ? 'avif' : 'heic') : format);

/**
 * The picture's header, judged. Call it within {@link decoding}.
 *
 * @param page of a TIFF, counted from 1; of everything else there is one
 */
export async function openPicture(content: Uint8Array<ArrayBuffer>, bounds: Bounds, page = 1): Promise<OpenPicture> {
  const format = formatOf(content, bounds.formats);
  if (content.length > bounds.maxBytes) throw ImageTooLarge({ message: `A picture has at most ${bounds.maxBytes / 1_048_576} MiB.`, details: { limit: 'bytes' } });
  const sharp = await loadSharp();
  const maxPixels = format === 'jpeg' ? bounds.maxJpegPixels : bounds.maxPixels;
  const options = { failOn: 'truncated', limitInputPixels: maxPixels, sequentialRead: true, unlimited: false, pages: 1 } as const;
  const { width, height, pages = 1, autoOrient, ...found } = await sharp(content, options).metadata();
  if (nameOf(found) !== format) throw ImageUnsupported();
  if (width > bounds.maxEdge || height > bounds.maxEdge || width * height > maxPixels) throw ImageTooLarge({ message: `A picture has at most ${maxPixels / 1_000_000} million pixels.`, details: { limit: 'pixels' } });
  if (pages > maxPages) throw ImageTooLarge({ message: `A picture has at most ${maxPages} pages or frames.`, details: { limit: 'frames' } });
  if (page > (format === 'tiff' ? pages : 1)) throw PageNotRendered();
  const timeout = { seconds: bounds.decodeSeconds };
  if (format === 'heic') {
    // its decoder has turned it upright already, as HEIF keeps that in the container (ISO/IEC 23008-12, section 6.5.10)
    const { data, ...size } = await heicLane.decode(content, maxPixels);
    return { image: sharp(data, { raw: { ...size, channels: 4 }, limitInputPixels: maxPixels }).timeout(timeout), format, pages: 1, ...size };
  }
  if (page === 1) return { image: sharp(content, options).timeout(timeout).autoOrient(), format, pages, width: autoOrient.width, height: autoOrient.height };
  const there = { ...options, page: page - 1 };
  const { autoOrient: turned, width: across, height: down } = await sharp(content, there).metadata();
  if (across > bounds.maxEdge || down > bounds.maxEdge || across * down > maxPixels) throw ImageTooLarge({ details: { limit: 'pixels' } });
  return { image: sharp(content, there).timeout(timeout).autoOrient(), format, pages, width: turned.width, height: turned.height };
}

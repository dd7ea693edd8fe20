import { ocrRecognition, type RecognisedPage } from '../contract.ts';
import { ImageUnsupported } from '../errors.ts';
import { type OcrContext, provide } from '../kit.ts';
import { greyPicture } from './grey-picture.ts';
import { pageTextOf } from './page-text.ts';
import { createReadingPool, type ReadingPool } from './reading-pool.ts';
import { startReading } from './reading-thread.ts';

/** The one model that is installed, as ISO 639-3. */
const language = 'eng';
/** A4 at 210 dpi. Text of ten points has capitals of 20 pixels then, which is what the model reads best. */
const maxEdge = 2500;
/** Of small pictures: screenshots have letters of half that size. */
const maxEnlargement = 2;

/** Made with the first page, for this process. */
let pool: ReadingPool | null = null;

interface Picture {
  image: Uint8Array;
  /** Of the picture that is read. */
  width: number;
  height: number;
  /** Of the picture that was asked about. */
  originalWidth: number;
  originalHeight: number;
}

async function pictureOf(ctx: OcrContext, file: string, mimeType: string, page: number): Promise<Picture> {
  if (mimeType === 'application/pdf') {
    const { base64, width, height } = await ctx.services.pages.render({ file, page, maxEdge });
    return { image: Buffer.from(base64, 'base64'), width, height, originalWidth: width, originalHeight: height };
  }
  if (!mimeType.startsWith('image/')) throw ImageUnsupported();
  const { base64, ...size } = await ctx.services.pictures.grey({ file, page, maxEdge, maxEnlargement });
  return { image: Buffer.from(base64, 'base64'), ...size };
}

async function read(ctx: OcrContext, file: string, mimeType: string, page: number): Promise<RecognisedPage> {
  const { image, width, height, originalWidth, originalHeight } = await pictureOf(ctx, file, mimeType, page);
  pool ??= createReadingPool({ start: () => startReading(language), threads: ctx.settings.threads });
  const picture = await greyPicture(image);
  // the call's clock need not be this machine's
  const leftMs = ctx.deadline - ctx.clock.now();
  const blocks = await pool.read(picture, Date.now() + leftMs);
  return { ...pageTextOf(blocks, { x: originalWidth / width, y: originalHeight / height }), width: originalWidth, height: originalHeight, language };
}

export const recognition = provide(ocrRecognition, { read: (ctx, { file, mimeType, page }) => read(ctx, file, mimeType, page) });

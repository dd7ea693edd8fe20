import { ImageBroken } from '../errors.ts';

/** A grey picture, 8 bits a pixel, in rows from the top. */
export interface GreyPicture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** As large as `parsers.pages` and `images.rendering` make them. */
const maxPixels = 16_777_216;

/** @param image a PNG that another plugin made. @throws IMAGE_BROKEN */
export async function greyPicture(image: Uint8Array): Promise<GreyPicture> {
  const { default: sharp } = await import('sharp');
  try {
    const { data, info } = await sharp(image, { limitInputPixels: maxPixels }).flatten({ background: '#ffffff' }).greyscale().toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  } catch (cause) {
    throw ImageBroken({ cause });
  }
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** A file of a package of test data. */
export const fixturePath = (pkg: string, path: string): string => join(dirname(resolve(`${pkg}/package.json`)), path);

export const photos = {
  /** Nokia Lumia 820, GPS 55.0388, 8.4572, no zone. */
  starfish: fixturePath('exif-parser', 'test/starfish.jpg'),
  /** iPhone 6 Plus, GPS in Beijing, orientation 6. */
  beijing: fixturePath('jpeg-exif', 'test/IMG_0001.JPG'),
  tiff: fixturePath('jpeg-exif', 'test/Arbitro.tiff'),
  /** A modification date with 92 seconds. */
  oddDate: fixturePath('exif-parser', 'test/test.jpg'),
  evil: fixturePath('exif', 'test/evil1.jpg'),
  blankTags: fixturePath('exif', 'test/short-ascii-II.jpg'),
  mirrored: fixturePath('exif', 'test/down-mirrored.jpg'),
} as const;

export const photo = async (name: keyof typeof photos): Promise<Buffer<ArrayBuffer>> => Buffer.from(await readFile(photos[name]));

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

const files = {
  /** Nokia Lumia 820, GPS 55.0388, 8.4572, no zone. */
  starfish: ['exif-parser', 'test/starfish.jpg'],
  /** iPhone 6 Plus, GPS in Beijing, orientation 6. */
  beijing: ['jpeg-exif', 'test/IMG_0001.JPG'],
  tiff: ['jpeg-exif', 'test/Arbitro.tiff'],
  /** A modification date with 92 seconds. */
  oddDate: ['exif-parser', 'test/test.jpg'],
  evil: ['exif', 'test/evil1.jpg'],
  blankTags: ['exif', 'test/short-ascii-II.jpg'],
  mirrored: ['exif', 'test/down-mirrored.jpg'],
} as const;

/** A real photo from a package of test data. */
export async function photo(name: keyof typeof files): Promise<Buffer<ArrayBuffer>> {
  const [pkg, path] = files[name];
  return Buffer.from(await readFile(join(dirname(resolve(`${pkg}/package.json`)), path)));
}

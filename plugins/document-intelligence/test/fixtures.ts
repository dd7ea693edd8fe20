import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SourceFile, Watch } from '../services/extract-document.ts';

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

/** Content as `files` would open it, streamed in chunks that divide nothing evenly. */
export function sourceOf(content: Uint8Array, overrides: Partial<SourceFile> = {}): SourceFile {
  return {
    mimeType: 'image/jpeg',
    sizeBytes: content.length,
    sha256: '0'.repeat(64),
    typeMismatch: false,
    async *read({ end }) {
      for (let at = 0; at < Math.min(end, content.length); at += 65_521) yield content.subarray(at, Math.min(at + 65_521, end));
    },
    ...overrides,
  };
}

/** Remembers the stages it was told. */
export function recordingWatch(): Watch & { stages: string[] } {
  const stages: string[] = [];
  return { stages, reading: async () => undefined, stage: async (name) => void stages.push(name) };
}

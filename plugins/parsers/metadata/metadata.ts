import { extname } from 'node:path';
import { parsersMetadata } from '../contract.ts';
import { createByteBudget } from '../content/byte-budget.ts';
import { readContent } from '../content/read-content.ts';
import { sharedExifTool } from '../exiftool/exiftool.ts';
import { withScratchFile } from '../exiftool/scratch-file.ts';
import { provide } from '../kit.ts';
import { createMetadataLane } from './metadata-lane.ts';
import { createMetadataReader, isPackage, reportOf } from './read-metadata.ts';

/** Pictures, PDFs and office documents are held in memory this far; metadata stands near the front in every format but some TIFFs. */
const maxBufferedBytes = 67_108_864;
/** The largest file that is lent to ExifTool, which seeks in it. */
const maxScratchBytes = 1_073_741_824;

// One of each per process, whatever the number of tenants: this is what bounds its memory.
const budget = createByteBudget({ totalBytes: 2 * maxBufferedBytes, maxWaiting: 256, waitMs: 60_000 });
const readMetadata = createMetadataReader({ lane: createMetadataLane(), exifTool: sharedExifTool });

export const metadata = provide(parsersMetadata, {
  async read(ctx, { file, mimeType, filename = '' }) {
    const { sizeBytes } = await ctx.files.stat(file);
    if (sizeBytes === 0) return reportOf('empty');
    // Confined content must not reach the disk.
    const { confined } = ctx;
    const inMemory = confined || sharedExifTool() === null || mimeType.startsWith('image/') || mimeType === 'application/pdf' || isPackage(mimeType);
    const bufferedBytes = inMemory ? Math.min(sizeBytes, maxBufferedBytes) : 0;
    return await budget.hold(bufferedBytes, async () => {
      const content = inMemory ? await readContent(ctx.files.read(file, { end: bufferedBytes }), bufferedBytes) : null;
      const whole = bufferedBytes === sizeBytes;
      const lentBytes = Math.min(sizeBytes, maxScratchBytes);
      // Time for what else is to be done with the answer.
      const leftMs = Math.max(1, ctx.deadline - ctx.clock.now() - 3000);
      return await readMetadata({
        mimeType,
        content,
        partial: confined ? !whole : lentBytes < sizeBytes,
        toolTags: (exifTool) =>
          confined && content !== null
            ? exifTool.readPiped(content, leftMs)
            : withScratchFile(whole && content !== null ? content : ctx.files.read(file, { end: lentBytes }), lentBytes, extname(filename).slice(1), (path) => exifTool.read(path, leftMs)),
      });
    });
  },
});

import type { JsonObject } from '@proofpix/sdk';
import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
import { EmptyFile, UnreadableImage } from '../../errors.ts';
import type { Step } from './step.ts';

/** What the file says of itself. An image of which nothing can be read is no image, and ends the run. */
export const metadataStep: Step<'metadata'> = {
  name: 'metadata',
  applies: () => true,
  async run(ctx, { document: { mimeType, filename, kind }, file }): Promise<MetadataReport & JsonObject> {
    const report = await ctx.services.metadata.read({ file: await file(), mimeType, filename });
    if (report.status === 'empty') throw EmptyFile();
    if (kind === 'image' && report.image === null && report.status !== 'ok' && report.status !== 'too-large') throw UnreadableImage();
    return report as MetadataReport & JsonObject;
  },
};

import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
import type { DocumentFacts } from './facts.ts';

/** What a classifier looks at of a stored document. */
export function documentFacts(document: { filename: string; mimeType: string }, text: string, pageCount: number | null, metadata: MetadataReport | null): DocumentFacts {
  const image = metadata?.image ?? null;
  return {
    text,
    filename: document.filename,
    mimeType: document.mimeType,
    pageCount,
    image:
      metadata === null || image === null
        ? null
        : {
            width: image.displayWidth,
            height: image.displayHeight,
            camera: metadata.camera !== null && (metadata.camera.make !== null || metadata.camera.model !== null),
            exposure: metadata.exposure !== null && (metadata.exposure.exposureTimeSeconds !== null || metadata.exposure.fNumber !== null),
            gps: metadata.gps !== null,
            software: metadata.camera?.software ?? null,
            alpha: image.hasAlpha === true,
            dpi: image.densityDpi,
          },
  };
}

import { serveThread } from '../lanes/serve-thread.ts';
import { findPlace } from './places.ts';
import { readPackage } from './read-package.ts';
import { readPdf } from './read-pdf.ts';
import { readTags } from './read-tags.ts';

/** What the metadata thread is asked. */
export type MetadataRequest =
  | {
      kind: 'read-tags';
      /** A whole file, or a bare block of EXIF; moved to the thread, not copied. */
      content: Uint8Array<ArrayBuffer> | null;
      /** A packet of XMP. */
      xmp: Uint8Array<ArrayBuffer> | null;
    }
  /** A whole PDF; copied. */
  | { kind: 'read-pdf'; content: Uint8Array<ArrayBuffer> }
  /** A whole office document; copied. */
  | { kind: 'read-package'; content: Uint8Array<ArrayBuffer> }
  | { kind: 'find-place'; latitude: number; longitude: number };

serveThread<MetadataRequest, unknown>((request) => {
  if (request.kind === 'read-tags') return readTags(request.content, request.xmp);
  if (request.kind === 'read-package') return readPackage(request.content);
  return request.kind === 'read-pdf' ? readPdf(request.content) : findPlace(request.latitude, request.longitude);
});

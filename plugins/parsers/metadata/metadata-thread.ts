import { serveThread } from '../lanes/serve-thread.ts';
import { findPlace } from './places.ts';
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
  | { kind: 'find-place'; latitude: number; longitude: number };

serveThread<MetadataRequest, unknown>((request) => (request.kind === 'read-tags' ? readTags(request.content, request.xmp) : findPlace(request.latitude, request.longitude)));

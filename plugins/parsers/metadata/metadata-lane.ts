import type { Static } from '@proofpix/sdk';
import type { NearestPlace } from '../contract.ts';
import { createLane } from '../lanes/lane.ts';
import { createThreadSeat } from '../lanes/thread-seat.ts';
import type { MetadataRequest } from './metadata-thread.ts';
import type { PackageProperties } from './read-package.ts';
import type { PdfTags } from './read-pdf.ts';
import type { TagReport } from './read-tags.ts';

type Place = Static<typeof NearestPlace>;

/** The thread for the table of places, and for reading tags where ExifTool is missing. All throw LANE_FAILED and UNAVAILABLE. */
export interface MetadataLane {
  /** `content` is moved away. */
  readTags(content: Uint8Array<ArrayBuffer> | null, xmp: Uint8Array<ArrayBuffer> | null): Promise<TagReport>;
  readPdf(content: Uint8Array<ArrayBuffer>): Promise<PdfTags>;
  readPackage(content: Uint8Array<ArrayBuffer>): Promise<PackageProperties>;
  findPlace(position: { latitude: number; longitude: number }): Promise<Place | null>;
  close(): Promise<void>;
}

const entry = new URL('metadata-thread.ts', import.meta.url);

export function createMetadataLane(): MetadataLane {
  const transferOf = (request: MetadataRequest) => (request.kind === 'read-tags' && request.content !== null ? [request.content.buffer] : []);
  const lane = createLane<MetadataRequest, unknown>({ start: () => createThreadSeat({ entry, maxHeapMb: 256, transferOf }) });
  return {
    readTags: async (content, xmp) => (await lane.ask({ kind: 'read-tags', content, xmp })) as TagReport,
    readPdf: async (content) => (await lane.ask({ kind: 'read-pdf', content })) as PdfTags,
    readPackage: async (content) => (await lane.ask({ kind: 'read-package', content })) as PackageProperties,
    findPlace: async ({ latitude, longitude }) => (await lane.ask({ kind: 'find-place', latitude, longitude })) as Place | null,
    close: () => lane.close(),
  };
}

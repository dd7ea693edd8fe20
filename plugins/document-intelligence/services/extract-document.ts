import type { Bytes } from '@proofpix/sdk';
import type { Location, ProcessingCompleted, ProcessingWarning } from '@proofpix/plugin-files/contract';
import type { Gps, Metadata } from '../contract.ts';
import { EmptyFile, UnreadableImage, UnreadableMetadata } from '../errors.ts';
import type { ByteBudget } from './byte-budget.ts';
import { contentKind } from './content-kind.ts';
import { type ImageHeader, readImageHeader } from './image-facts.ts';
import type { MetadataLane } from './metadata-lane.ts';
import { readContent } from './read-content.ts';
import { isTruncated } from './truncation.ts';

/** Larger images are read this far; metadata stands near the front in every format but some TIFFs. */
export const maxBufferedBytes = 67_108_864;
/** Of all metadata as JSON; beyond it the tags of whole sections are left out. */
const maxMetadataBytes = 65_536;

export interface SourceFile {
  mimeType: string;
  sizeBytes: number;
  sha256: string;
  typeMismatch: boolean;
  read(range: { end: number }): Bytes;
}

export interface Watch {
  reading(readBytes: number, ofBytes: number): Promise<void>;
  stage(name: 'metadata' | 'place'): Promise<void>;
}

export type Findings = Pick<ProcessingCompleted, 'kind' | 'location' | 'warnings'> & { metadata: Metadata };

/** Containers that the tag reader knows; of others it gets the blocks that the decoder took out. */
const readableWhole = new Set(['jpeg', 'tiff']);

const warning = (code: string, message: string): ProcessingWarning => ({ code, message });
const unreadable = warning(UnreadableMetadata.code, 'The metadata in the file could not be read.');

function bounded(metadata: Metadata, warnings: ProcessingWarning[]): Metadata {
  const tags = { ...metadata.tags };
  for (const section of ['xmp', 'iptc', 'icc', 'exif', 'gps']) {
    if (Buffer.byteLength(JSON.stringify({ ...metadata, tags })) <= maxMetadataBytes) break;
    if (delete tags[section]) warnings.push(warning('TAGS_LEFT_OUT', `The ${section} tags were too large to keep.`));
  }
  return { ...metadata, tags };
}

/** Finds out what a document is and what it says of itself. */
export function createDocumentExtractor({ lane, budget }: { lane: MetadataLane; budget: ByteBudget }) {
  async function locate(gps: Gps, warnings: ProcessingWarning[]): Promise<Location> {
    const { latitude, longitude, altitudeMetres } = gps;
    try {
      return { latitude, longitude, altitudeMetres, place: await lane.findPlace(gps) };
    } catch (error) {
      if ((error as { code?: unknown }).code !== UnreadableMetadata.code) throw error;
      warnings.push(warning('PLACE_UNKNOWN', 'The place of the position could not be looked up.'));
      return { latitude, longitude, altitudeMetres, place: null };
    }
  }

  async function readTags(content: Uint8Array<ArrayBuffer>, header: ImageHeader | null, warnings: ProcessingWarning[]) {
    const whole = header === null || readableWhole.has(header.facts.format);
    try {
      return await lane.readTags(whole ? content : (header.blocks.exif ?? null), header?.blocks.xmp ?? null);
    } catch (error) {
      if ((error as { code?: unknown }).code !== UnreadableMetadata.code) throw error;
      warnings.push(unreadable);
      return null;
    }
  }

  async function image(file: SourceFile, watch: Watch, warnings: ProcessingWarning[]) {
    const bytes = Math.min(file.sizeBytes, maxBufferedBytes);
    return await budget.hold(bytes, async () => {
      const content = await readContent(file.read({ end: bytes }), bytes, (read) => watch.reading(read, bytes));
      await watch.stage('metadata');
      if (bytes < file.sizeBytes) warnings.push(warning('READ_IN_PART', 'The file is large; only its first 64 MiB were read.'));
      else if (isTruncated(content)) warnings.push(warning('TRUNCATED', 'The end of the file is missing.'));
      const header = await readImageHeader(content);
      const report = await readTags(content, header, warnings);
      if (header === null) {
        if (report === null || Object.keys(report.tags).length === 0) throw UnreadableImage();
        warnings.push(warning('UNREADABLE_HEADER', 'The dimensions of the image could not be read.'));
      }
      return { facts: header?.facts ?? null, report };
    });
  }

  /** @throws EMPTY_FILE, UNREADABLE_IMAGE, INCOMPLETE_CONTENT: for good; UNAVAILABLE: worth a retry */
  return async function extractDocument(file: SourceFile, options: { extractMetadata: boolean }, watch: Watch): Promise<Findings> {
    if (file.sizeBytes === 0) throw EmptyFile();
    const { mimeType, sizeBytes, sha256 } = file;
    const kind = contentKind(mimeType);
    const warnings: ProcessingWarning[] = file.typeMismatch ? [warning('TYPE_MISMATCH', 'The content is not of the type that was declared.')] : [];
    const basics: Metadata = { mimeType, sizeBytes, sha256, image: null, capture: null, camera: null, exposure: null, description: null, gps: null, tags: {} };
    if (kind !== 'image' || !options.extractMetadata) return { kind, metadata: basics, location: null, warnings };
    const { facts, report } = await image(file, watch, warnings);
    if (report === null) return { kind, metadata: { ...basics, image: facts }, location: null, warnings };
    const { warnings: found, ...sections } = report;
    warnings.push(...found);
    if (report.gps !== null) await watch.stage('place');
    const location = report.gps === null ? null : await locate(report.gps, warnings);
    return { kind, metadata: bounded({ ...basics, image: facts, ...sections }, warnings), location, warnings };
  };
}

export type ExtractDocument = ReturnType<typeof createDocumentExtractor>;

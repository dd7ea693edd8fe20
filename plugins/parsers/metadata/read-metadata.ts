import type { MetadataReport, ParseStatus, Warning } from '../contract.ts';
import type { ExifTool } from '../exiftool/exiftool.ts';
import { isSlowPdf } from '../exiftool/slow-pdf.ts';
import { isLocked, type ToolTags } from '../exiftool/tool-tags.ts';
import { LaneFailed } from '../errors.ts';
import { boundedTags } from './bounded-tags.ts';
import { editsOf } from './edits.ts';
import { imageFactsOf, type ImageHeader, readImageHeader } from './image-facts.ts';
import type { ContainerTags } from './raw-tags.ts';
import type { MetadataLane } from './metadata-lane.ts';
import { rawFromTool } from './raw-from-tool.ts';
import { summarise, type Summary } from './summarise.ts';
import { isTruncated } from './truncation.ts';

/** A file as it is handed to {@link createMetadataReader}. */
export interface MetadataSource {
  mimeType: string;
  /** The whole of it, or its beginning when it is `partial`; null for large files that are no pictures. May be moved away. */
  content: Uint8Array<ArrayBuffer> | null;
  partial: boolean;
  /** Runs ExifTool over it. */
  toolTags(exifTool: ExifTool): Promise<ToolTags>;
}

const warning = (code: string, message: string): Warning => ({ code, message: message.slice(0, 500) });
const unreadable = warning('UNREADABLE_METADATA', 'The metadata in the file could not be read.');
const maxWarnings = 20;

/** Raster formats whose headers the decoder reads. SVG is a program in XML and stays out. */
const decoded = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif', 'image/tiff']);
/** Office documents that are archives. */
export const isPackage = (mimeType: string): boolean => /officedocument|opendocument/.test(mimeType);
/** Containers that the reader without ExifTool knows; of others it gets the blocks that the decoder took out. */
const readableWhole = new Set(['jpeg', 'tiff']);

const empty: Omit<MetadataReport, 'status'> = { image: null, capture: null, camera: null, exposure: null, description: null, gps: null, place: null, edits: [], tags: {}, warnings: [] };
export const reportOf = (status: ParseStatus, warnings: Warning[] = []): MetadataReport => ({ ...empty, status, warnings });

type Found = Summary & Pick<MetadataReport, 'tags' | 'edits'> & { image: MetadataReport['image']; status: ParseStatus | null };

function statusOfTool(found: ToolTags): ParseStatus | null {
  const { error } = found;
  if (isLocked(found)) return 'encrypted';
  if (error === null) return null;
  if (/^File is empty/i.test(error)) return 'empty';
  return /unknown file type/i.test(error) ? 'unsupported' : 'damaged';
}

function fromTool(found: ToolTags, content: Uint8Array | null, properties: ContainerTags = {}): Found {
  const raw = rawFromTool(found);
  const known = Object.entries(raw.container).filter(([, value]) => value !== undefined);
  const summary = summarise({ ...raw, container: { ...properties, ...Object.fromEntries(known) } });
  const { tags, leftOut } = boundedTags(found.printed);
  if (leftOut.length > 0) summary.warnings.push(warning('TAGS_LEFT_OUT', `Some tags were too large to keep: ${leftOut.slice(0, 10).join(', ')}`));
  if (found.warning !== null) summary.warnings.push(warning('EXIFTOOL_WARNING', found.warning));
  return { ...summary, tags, edits: editsOf({ ...found, content }), image: imageFactsOf(found.values), status: statusOfTool(found) };
}

/** Types that are told apart by their first bytes, so that another one found inside says something. */
const certain = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'application/pdf', 'video/mp4']);

/** What a file says of itself, by ExifTool where there is one. */
export function createMetadataReader({ lane, exifTool }: { lane: MetadataLane; exifTool: () => ExifTool | null }) {
  /** Null when it could not be read: too slow, or the reader broke. */
  async function patient<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      if ((error as { code?: unknown }).code === LaneFailed.code || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  async function withoutTool({ content }: MetadataSource, header: ImageHeader | null): Promise<Found | null> {
    const whole = header === null || readableWhole.has(header.facts.format);
    const block = whole ? content : (header.blocks.exif ?? null);
    const report = await patient(lane.readTags(block, header?.blocks.xmp ?? null));
    return report === null ? null : { ...report, edits: [], image: null, status: null };
  }

  async function fromPdf(content: Uint8Array<ArrayBuffer>): Promise<Found | null> {
    const answer = await patient(lane.readPdf(content));
    return answer === null ? null : { ...fromTool(answer.tags, content), status: answer.status };
  }

  /** With the properties that ExifTool leaves out, as a rule. */
  async function fromPackage(content: Uint8Array<ArrayBuffer>, raw: ToolTags | null): Promise<Found | null> {
    const answer = await patient(lane.readPackage(content));
    if (answer === null) return raw === null ? null : fromTool(raw, null);
    const found = fromTool(raw ?? { printed: {}, values: {}, warning: null, error: null }, null, answer.container);
    return { ...found, status: answer.status === 'ok' ? found.status : answer.status };
  }

  /** @throws UNAVAILABLE when too many wait */
  return async function readMetadata(source: MetadataSource): Promise<MetadataReport> {
    const { content, mimeType, partial } = source;
    const warnings: Warning[] = [];
    const picture = decoded.has(mimeType);
    if (partial) warnings.push(warning('READ_IN_PART', 'The file is large; only its beginning was read.'));
    else if (picture && content !== null && isTruncated(content)) warnings.push(warning('TRUNCATED', 'The end of the file is missing.'));
    const header = picture && content !== null ? await readImageHeader(content) : null;
    const tool = exifTool();
    if (tool === null) warnings.push(warning('EXIFTOOL_MISSING', 'Perl is not installed on the server: only the common tags of pictures were read.'));
    const pdf = mimeType === 'application/pdf' && content !== null && (tool === null || isSlowPdf(content)) ? content : null;
    const packed = content !== null && isPackage(mimeType) ? content : null;
    if (tool === null && !picture && pdf === null && packed === null) return reportOf('unsupported', warnings);
    if (pdf !== null && tool !== null) warnings.push(warning('READ_IN_PART', 'The file is encrypted: only its main properties were read.'));
    const raw = tool === null || pdf !== null ? null : await patient(source.toolTags(tool));
    const found = pdf !== null ? await fromPdf(pdf) : packed !== null ? await fromPackage(packed, raw) : tool === null ? await withoutTool(source, header) : raw === null ? null : fromTool(raw, content);
    if (found === null) {
      warnings.push(unreadable);
      return { ...reportOf(header === null ? 'damaged' : 'ok', warnings), image: header?.facts ?? null };
    }
    const real = raw?.values['File']?.['MIMEType'];
    if (typeof real === 'string' && real !== mimeType && certain.has(real) && certain.has(mimeType)) warnings.push(warning('TYPE_MISMATCH', `The content is ${real}, not ${mimeType}.`));
    const { warnings: said, status: told, image, ...rest } = found;
    warnings.push(...said);
    const isEmptyPicture = picture && header === null && (told !== null || image === null) && rest.capture === null && rest.camera === null;
    if (isEmptyPicture) return { ...reportOf('damaged', warnings.slice(0, maxWarnings)), tags: rest.tags };
    if (picture && header === null) warnings.push(warning('UNREADABLE_HEADER', 'The dimensions of the image could not be read.'));
    const place = rest.gps === null ? null : await patient(lane.findPlace(rest.gps));
    if (rest.gps !== null && place === null) warnings.push(warning('PLACE_UNKNOWN', 'No populated place is known near the position.'));
    const status = picture && header !== null ? 'ok' : (told ?? 'ok');
    return { ...rest, status, image: header?.facts ?? image, place, warnings: warnings.slice(0, maxWarnings) };
  };
}

export type ReadMetadata = ReturnType<typeof createMetadataReader>;

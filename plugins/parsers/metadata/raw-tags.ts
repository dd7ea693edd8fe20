import exifr from 'exifr';
import type { Tags } from './tag-values.ts';

// A CommonJS bundle, whose names Node cannot see one by one.
// oxlint-disable-next-line import/no-named-as-default-member
const { parse, sidecar } = exifr;

export interface ContainerTags {
  created?: { value: unknown; source: string };
  title?: unknown;
  caption?: unknown;
  creator?: unknown;
  copyright?: unknown;
  keywords?: unknown;
  software?: unknown;
  make?: unknown;
  model?: unknown;
  lens?: unknown;
}

/** Sections as they stand in the file. XMP by namespace prefix. */
export interface RawTags {
  exif: Tags;
  gps: Tags;
  iptc: Tags;
  icc: Tags;
  xmp: Readonly<Record<string, Tags>>;
  /** What the format itself has fields for: PDF, QuickTime, ID3, … */
  container: ContainerTags;
  /** What was there and could not be read. */
  unreadable: string[];
}

/**
 * Values stay as written: dates are not revived, because that would read a camera's local time in
 * this machine's zone. Maker notes and thumbnails are left alone.
 */
const options = { tiff: true, ifd0: {}, exif: true, gps: true, interop: false, ifd1: false, iptc: true, icc: true, xmp: false, jfif: false, ihdr: false, makerNote: false, userComment: false, mergeOutput: false, sanitize: true, reviveValues: false, translateValues: true };

/** Padding, tables for decoders, and pointers into the file. */
const noise = new Set(['Padding', 'OffsetSchema', 'PrintImageMatching', 'ApplicationNotes', 'JPEGTables', 'StripOffsets', 'StripByteCounts', 'TileOffsets', 'TileByteCounts', 'ReferenceBlackWhite', 'ComponentsConfiguration', 'ImageResources', 'IPTC', 'InteropIndex']);

/** The longest packet of XMP that is parsed. */
const maxXmpBytes = 1_048_576;

function section(parsed: unknown, name: string): Tags {
  const value = (parsed as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) ? (value as Tags) : {};
}

const withoutNoise = (tags: Tags): Tags => Object.fromEntries(Object.entries(tags).filter(([name]) => !noise.has(name)));

/** A bare block as decoders hand it out may keep the marker that JPEG puts before it (CIPA DC-008, section 4.7.2). */
function withoutMarker(content: Uint8Array): Uint8Array {
  const marked = content[0] === 0x45 && content[1] === 0x78 && content[2] === 0x69 && content[3] === 0x66 && content[4] === 0 && content[5] === 0;
  return marked ? content.slice(6) : content;
}

export async function readRawTags(content: Uint8Array | null, xmp: Uint8Array | null): Promise<RawTags> {
  const unreadable: string[] = [];
  let parsed: unknown;
  if (content !== null) {
    try {
      parsed = await parse(withoutMarker(content), options);
    } catch {
      // "Unknown file format", or offsets that point outside the file.
      unreadable.push('EXIF');
    }
    if ((parsed as { errors?: unknown } | undefined)?.errors !== undefined) unreadable.push('EXIF');
  }
  let packet: unknown;
  if (xmp !== null) {
    try {
      packet = xmp.length > maxXmpBytes ? undefined : await sidecar(xmp, { xmp: true, mergeOutput: false, reviveValues: false, translateValues: false }, 'xmp');
    } catch {
      packet = undefined;
    }
    if (packet === undefined) unreadable.push('XMP');
  }
  const namespaces = Object.keys((packet ?? {}) as object).filter((name) => name !== 'xmlns' && name !== 'errors');
  return {
    exif: withoutNoise({ ...section(parsed, 'ifd0'), ...section(parsed, 'exif') }),
    gps: section(parsed, 'gps'),
    iptc: section(parsed, 'iptc'),
    icc: section(parsed, 'icc'),
    xmp: Object.fromEntries(namespaces.map((name) => [name, section(packet, name)])),
    container: {},
    unreadable,
  };
}

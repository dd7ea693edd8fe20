import { Type, type Static } from '@proofpix/sdk';

/**
 * What other plugins may use of `document-intelligence`: its events and the shape of their
 * metadata. The reports `document-intelligence.started`, `.progressed`, `.completed` and `.failed`
 * have their contract with `files`, which consumes them; they are exported here again for others.
 */
export { Location, Place, ProcessingCompleted, ProcessingFailed, ProcessingProgressed, ProcessingStarted, ProcessingWarning, processorReports } from '@proofpix/plugin-files/contract';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const text = Nullable(Type.String());
const number = Nullable(Type.Number());

/** Of the pixels, from the container's header; nothing is decoded. */
export const ImageFacts = Type.Object({
  /** As stored, before the orientation is applied. */
  width: Type.Integer(),
  height: Type.Integer(),
  /** As people see it. */
  displayWidth: Type.Integer(),
  displayHeight: Type.Integer(),
  /** EXIF orientation, 1 to 8 (CIPA DC-008, tag 0x0112); null when absent. */
  orientation: Nullable(Type.Integer()),
  format: Type.String(),
  colorSpace: text,
  channels: Nullable(Type.Integer()),
  bitsPerSample: Nullable(Type.Integer()),
  hasAlpha: Nullable(Type.Boolean()),
  densityDpi: number,
  /** Frames or pages. */
  pages: Type.Integer(),
});
export type ImageFacts = Static<typeof ImageFacts>;

export const Capture = Type.Object({
  /** RFC 3339; without its zone designator when `offset` is null, because the camera did not say. */
  capturedAt: Type.String(),
  /** `+08:00`. */
  offset: text,
  /** `gps`: worked out from the satellites' UTC time beside the camera's local time. */
  offsetSource: Nullable(Type.Enum(['exif', 'xmp', 'iptc', 'gps'])),
  /** The tag it was taken from, e.g. `exif.DateTimeOriginal`. */
  source: Type.String(),
});
export type Capture = Static<typeof Capture>;

export const Camera = Type.Object({ make: text, model: text, lens: text, software: text });
export type Camera = Static<typeof Camera>;

export const Exposure = Type.Object({ exposureTimeSeconds: number, fNumber: number, iso: number, focalLengthMm: number, focalLength35Mm: number, flashFired: Nullable(Type.Boolean()) });
export type Exposure = Static<typeof Exposure>;

export const Description = Type.Object({ title: text, caption: text, creator: text, copyright: text, keywords: Type.Array(Type.String()) });
export type Description = Static<typeof Description>;

export const Gps = Type.Object({
  /** WGS 84 degrees. */
  latitude: Type.Number(),
  longitude: Type.Number(),
  altitudeMetres: number,
  /** Where the camera looked: degrees clockwise from north. */
  headingDegrees: number,
  accuracyMetres: number,
});
export type Gps = Static<typeof Gps>;

/** `metadata` of a completed document. What is null or empty was not in the file. */
export const Metadata = Type.Object({
  mimeType: Type.String(),
  sizeBytes: Type.Integer(),
  sha256: Type.String(),
  image: Nullable(ImageFacts),
  capture: Nullable(Capture),
  camera: Nullable(Camera),
  exposure: Nullable(Exposure),
  description: Nullable(Description),
  gps: Nullable(Gps),
  /** Tags by section as they stand in the file, values spelt out; binary and vendor data left out. */
  tags: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
});
export type Metadata = Static<typeof Metadata>;

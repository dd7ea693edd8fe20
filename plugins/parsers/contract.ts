import { defineService, Type, type Static } from '@proofpix/sdk';

/**
 * What a file says of itself and what is written in it, for other plugins. `file` is a handle that the caller shared,
 * so the caller needs `files:read` too; what a method makes it answers as a handle or as bytes, and keeps nothing.
 * Files may be hostile: whatever is wrong with one is told by `status` and `warnings`, never by a crash or a wait
 * beyond the deadline.
 *
 * Errors of all methods: NOT_FOUND (the handle), UNAVAILABLE (too many wait: try again), DEADLINE_EXCEEDED.
 */

const closed = { additionalProperties: false };
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const text = Nullable(Type.String());
const number = Nullable(Type.Number());

/** A file to look at. `mimeType` is the sniffed type; `filename` only helps where the content does not tell, e.g. `.eml`. */
const source = { file: Type.String({ minLength: 1, maxLength: 1024 }), mimeType: Type.String({ maxLength: 255 }), filename: Type.Optional(Type.String({ maxLength: 255 })) };

/** Something that could not be told, without failing: an upper snake case code and one sentence for people. */
export const Warning = Type.Object({ code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) }, closed);
export type Warning = Static<typeof Warning>;

/**
 * `encrypted`: a password is needed. `damaged`: broken, truncated, or not what its beginning says. `empty`: no bytes.
 * `too-large`: beyond a limit that `warnings` names (bytes, pixels, pages, entries, expansion). `unsupported`: a format without a parser.
 */
export const ParseStatus = Type.Enum(['ok', 'encrypted', 'damaged', 'empty', 'too-large', 'unsupported']);
export type ParseStatus = Static<typeof ParseStatus>;

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
  /** `gps`: worked out from the satellites' UTC time beside the camera's local time. `file`: a field of the format, e.g. of PDF or QuickTime. */
  offsetSource: Nullable(Type.Enum(['exif', 'xmp', 'iptc', 'gps', 'file'])),
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

/** The nearest populated place; see `Place` of `files`. */
export const NearestPlace = Type.Object({ label: Type.String(), name: Type.String(), district: text, region: text, country: Type.String(), countryCode: Type.String(), distanceKm: Type.Number({ minimum: 0 }) }, closed);

/** What was found; null or empty: not in the file. */
export const MetadataReport = Type.Object(
  {
    status: ParseStatus,
    image: Nullable(ImageFacts),
    capture: Nullable(Capture),
    camera: Nullable(Camera),
    exposure: Nullable(Exposure),
    description: Nullable(Description),
    gps: Nullable(Gps),
    place: Nullable(NearestPlace),
    /** Signs that the file was edited after it was made: `EDITING_SOFTWARE`, `DATES_DISAGREE`, `THUMBNAIL_DIFFERS`, `METADATA_STRIPPED`, … */
    edits: Type.Array(Warning, { maxItems: 20 }),
    /** Groups of ExifTool's family 1 (`IFD0`, `ExifIFD`, `GPS`, `Apple`, `XMP-dc`, …): tag name to value as `exiftool -json -g1` prints it. At most 512 KiB as JSON. */
    tags: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
    warnings: Type.Array(Warning, { maxItems: 20 }),
  },
  closed,
);
export type MetadataReport = Static<typeof MetadataReport>;

/** Metadata of any format that ExifTool knows. */
export const parsersMetadata = defineService({
  id: 'parsers.metadata',
  version: '1.0.0',
  methods: { read: { input: Type.Object(source, closed), output: MetadataReport, idempotent: true } },
});

/** One page; a format without pages (text, mail, HTML, a Word file) has one. A spreadsheet has one per sheet, slides one each. */
export const TextPage = Type.Object({ page: Type.Integer({ minimum: 1 }), text: Type.String() }, closed);
export type TextPage = Static<typeof TextPage>;

export const TextReport = Type.Object(
  {
    status: ParseStatus,
    pages: Type.Array(TextPage),
    /** Of the whole file, also beyond what was read. */
    pageCount: Type.Integer({ minimum: 0 }),
    /** Pages of a PDF that show something but have no text layer: for OCR. */
    withoutText: Type.Array(Type.Integer({ minimum: 1 })),
    /** There is more than `maxPages` or `maxCharacters` let through. */
    truncated: Type.Boolean(),
    /** Of a mail or an archive-like document. */
    attachments: Type.Array(Type.Object({ filename: Type.String({ maxLength: 255 }), mimeType: Type.String({ maxLength: 255 }), sizeBytes: Type.Integer({ minimum: 0 }) }, closed), { maxItems: 1000 }),
    warnings: Type.Array(Warning, { maxItems: 20 }),
  },
  closed,
);
export type TextReport = Static<typeof TextReport>;

/**
 * Text of PDF, Word (docx, doc), Excel (xlsx), PowerPoint (pptx), OpenDocument, RTF, e-mail (eml, msg), HTML, Markdown,
 * CSV, JSON, XML and plain text in UTF-8, UTF-16 or Windows-1252. `firstPage` lets a long file be read in parts.
 */
export const parsersText = defineService({
  id: 'parsers.text',
  version: '1.0.0',
  methods: {
    read: {
      input: Type.Object(
        { ...source, firstPage: Type.Optional(Type.Integer({ minimum: 1 })), maxPages: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 500 })), maxCharacters: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_000_000, default: 2_000_000 })) },
        closed,
      ),
      output: TextReport,
      idempotent: true,
    },
  },
});

export const StructureFinding = Type.Object(
  {
    /** `MACROS`, `EMBEDDED_SCRIPT`, `PDF_ACTION`, `EMBEDDED_FILE`, `EXTERNAL_REFERENCE`, `HIDDEN_TEXT`, `REVISIONS`, `COMMENTS`, `TRAILING_DATA`, `TYPE_MISMATCH`, `POLYGLOT`, `LOCATION`, `AUTHOR`, `DEVICE_IDENTIFIER`, `THUMBNAIL`, … */
    code: Type.String({ maxLength: 60 }),
    severity: Type.Enum(['info', 'low', 'medium', 'high']),
    message: Type.String({ maxLength: 500 }),
    /** Page, entry of the archive, or tag; null for the file as a whole. */
    where: Nullable(Type.String({ maxLength: 500 })),
  },
  closed,
);
export type StructureFinding = Static<typeof StructureFinding>;

/** What a file carries that its reader does not see: macros, scripts, actions, embedded files, hidden metadata. Nothing of it is run. */
export const parsersStructure = defineService({
  id: 'parsers.structure',
  version: '1.0.0',
  methods: { inspect: { input: Type.Object(source, closed), output: Type.Object({ status: ParseStatus, findings: Type.Array(StructureFinding, { maxItems: 200 }), warnings: Type.Array(Warning, { maxItems: 20 }) }, closed), idempotent: true } },
});

/**
 * A page of a PDF as a PNG picture, white where nothing is, at most `maxEdge` pixels wide and high.
 *
 * Errors: PAGE_NOT_RENDERED (encrypted, damaged, no such page, no PDF).
 */
export const parsersPages = defineService({
  id: 'parsers.pages',
  version: '1.0.0',
  methods: {
    render: {
      input: Type.Object({ file: source.file, page: Type.Integer({ minimum: 1 }), maxEdge: Type.Integer({ minimum: 16, maximum: 4096 }) }, closed),
      output: Type.Object({ base64: Type.String(), width: Type.Integer(), height: Type.Integer(), pageCount: Type.Integer() }, closed),
      idempotent: true,
    },
  },
});

/** A new file, as a handle that the caller may keep within the hour. The caller needs `files:write`. */
export const MadeFile = Type.Object({ file: Type.String(), mimeType: Type.String(), sizeBytes: Type.Integer({ minimum: 0 }) }, closed);

/**
 * Copies without what should not be given away.
 *
 * Errors: FILE_UNSUPPORTED (no such copy can be made of this format), FILE_DAMAGED, FILE_ENCRYPTED, FILE_TOO_LARGE;
 * VALIDATION_ERROR when a span or an area lies where there is nothing: rather than passed over it is refused.
 */
export const parsersPrivacy = defineService({
  id: 'parsers.privacy',
  version: '1.0.0',
  methods: {
    /** The same pixels and pages without metadata; orientation and colour profile stay, because they change what is seen. `removed`: group names. */
    strip: { input: Type.Object(source, closed), output: Type.Object({ ...MadeFile.properties, removed: Type.Array(Type.String(), { maxItems: 1000 }) }, closed), idempotent: true },
    /**
     * A PDF in which the given spans of the text (UTF-16 offsets into the page's text as `parsers.text` answers it) and
     * areas (points from the top left corner) are black and really gone: such a page becomes a picture of itself.
     * Metadata, attachments, forms and scripts go too.
     */
    redactPdf: {
      input: Type.Object(
        {
          file: source.file,
          spans: Type.Array(Type.Object({ page: Type.Integer({ minimum: 1 }), start: Type.Integer({ minimum: 0 }), end: Type.Integer({ minimum: 1 }) }, closed), { maxItems: 10_000 }),
          areas: Type.Array(
            Type.Object(
              {
                page: Type.Integer({ minimum: 1 }),
                x: Type.Number(),
                y: Type.Number(),
                width: Type.Number({ minimum: 0 }),
                height: Type.Number({ minimum: 0 }),
                /** Size in pixels of a picture of the whole page: then the area is in its pixels instead of points, as text recognition answers it. */
                of: Type.Optional(Type.Object({ width: Type.Number({ exclusiveMinimum: 0 }), height: Type.Number({ exclusiveMinimum: 0 }) }, closed)),
              },
              closed,
            ),
            { maxItems: 10_000 },
          ),
        },
        closed,
      ),
      output: Type.Object({ ...MadeFile.properties, redactedPages: Type.Array(Type.Integer()) }, closed),
      idempotent: true,
    },
  },
});

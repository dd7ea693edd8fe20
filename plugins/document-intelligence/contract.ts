import type { MetadataReport } from '@proofpix/plugin-parsers/contract';
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

const closed = { additionalProperties: false };

/** The steps of the pipeline in their order. */
export const stepNames = ['metadata', 'text', 'language', 'classification', 'entities', 'personal-data', 'security', 'fingerprint'] as const;
export type StepName = (typeof stepNames)[number];

export const LanguageResult = Type.Object({ /** ISO 639-1; null when there is too little text. */ language: text, confidence: Type.Number({ minimum: 0, maximum: 1 }) }, closed);

/** What a document can be classified as, beside the labels that a tenant adds. */
export const documentLabels = ['invoice', 'receipt', 'contract', 'identity-document', 'letter', 'e-mail', 'report', 'resume', 'form', 'bank-statement', 'medical', 'presentation', 'spreadsheet', 'source-code', 'photo', 'screenshot', 'drawing', 'other'] as const;

const Candidate = Type.Object({ label: Type.String({ maxLength: 60 }), confidence: Type.Number({ minimum: 0, maximum: 1 }) }, closed);
/** `reasons`: what spoke for the label, for people. `learned`: corrections of this tenant had a say. */
export const ClassificationResult = Type.Object(
  { label: Type.String({ maxLength: 60 }), confidence: Type.Number({ minimum: 0, maximum: 1 }), candidates: Type.Array(Candidate, { maxItems: 5 }), reasons: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 10 }), learned: Type.Boolean() },
  closed,
);
export type ClassificationResult = Static<typeof ClassificationResult>;

export const TextResult = Type.Object(
  {
    status: Type.Enum(['ok', 'encrypted', 'damaged', 'empty', 'too-large', 'unsupported']),
    pageCount: Type.Integer({ minimum: 0 }),
    characters: Type.Integer({ minimum: 0 }),
    /** Pages whose text was recognised from their picture, and how surely (0 to 1). */
    ocrPages: Type.Integer({ minimum: 0 }),
    ocrConfidence: number,
    truncated: Type.Boolean(),
    attachments: Type.Array(Type.Object({ filename: Type.String(), mimeType: Type.String(), sizeBytes: Type.Integer({ minimum: 0 }) }, closed), { maxItems: 1000 }),
  },
  closed,
);
export type TextResult = Static<typeof TextResult>;

/** The entities themselves stand in the collection `entities`, a record per page. */
export const EntitiesResult = Type.Object({ /** By type. */ counts: Type.Record(Type.String(), Type.Integer({ minimum: 1 })), kept: Type.Integer({ minimum: 0 }), truncated: Type.Boolean() }, closed);
export type EntitiesResult = Static<typeof EntitiesResult>;

/** Groups of personal data; `special` as in GDPR article 9 or as dangerous as that (identity and account numbers). */
export const PersonalDataResult = Type.Object(
  { categories: Type.Array(Type.Object({ category: Type.String({ maxLength: 60 }), types: Type.Array(Type.String()), count: Type.Integer({ minimum: 1 }), special: Type.Boolean() }, closed)), people: Type.Integer({ minimum: 0 }) },
  closed,
);
export type PersonalDataResult = Static<typeof PersonalDataResult>;

export const SecurityFinding = Type.Object(
  { code: Type.String({ maxLength: 60 }), severity: Type.Enum(['info', 'low', 'medium', 'high']), message: Type.String({ maxLength: 500 }), /** Page, entry or tag. */ where: Nullable(Type.String({ maxLength: 500 })) },
  closed,
);
export type SecurityFinding = Static<typeof SecurityFinding>;

export const SecurityResult = Type.Object(
  {
    findings: Type.Array(SecurityFinding, { maxItems: 500 }),
    /** Of the malware scanner; null when the plugin `scanner` is off. */
    malware: Nullable(Type.Object({ verdict: Type.Enum(['clean', 'infected', 'not-scanned']), signature: text, reason: text, engine: text }, closed)),
  },
  closed,
);
export type SecurityResult = Static<typeof SecurityResult>;

/** By which similar documents are found: 64-bit SimHash of the words' shingles (Charikar 2002) as hex; null without enough text. */
export const FingerprintResult = Type.Object({ simhash: text, words: Type.Integer({ minimum: 0 }) }, closed);
export type FingerprintResult = Static<typeof FingerprintResult>;

export interface StepResults {
  metadata: MetadataReport;
  text: TextResult;
  language: Static<typeof LanguageResult>;
  classification: ClassificationResult;
  entities: EntitiesResult;
  'personal-data': PersonalDataResult;
  security: SecurityResult;
  fingerprint: FingerprintResult;
}

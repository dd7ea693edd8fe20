import { Camera, Capture, Description, Exposure, Gps, ImageFacts, Warning, type MetadataReport } from '@proofpix/plugin-parsers/contract';
import { defineService, Type, type Static } from '@proofpix/sdk';

export { Camera, Capture, Description, Exposure, Gps, ImageFacts };

/**
 * What other plugins may use of `document-intelligence`: its events and the shape of their
 * metadata. The reports `document-intelligence.started`, `.progressed`, `.completed` and `.failed`
 * have their contract with `files`, which consumes them; they are exported here again for others.
 */
export { Location, Place, ProcessingCompleted, ProcessingFailed, ProcessingProgressed, ProcessingStarted, ProcessingWarning, processorReports } from '@proofpix/plugin-files/contract';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const text = Nullable(Type.String());
const number = Nullable(Type.Number());

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

/** The steps of the pipeline in their order; before them stands the type, which `files` has found out. */
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
    warnings: Type.Array(Warning, { maxItems: 20 }),
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

const HookText = Type.String({ maxLength: 60 });

/** An entity that another plugin found in the text of a page. */
export const AddedEntity = Type.Object(
  { type: HookText, /** UTF-16 code units, `end` exclusive. */ start: Type.Integer({ minimum: 0 }), end: Type.Integer({ minimum: 1 }), score: Type.Number({ minimum: 0, maximum: 1 }), validator: Type.Optional(HookText), context: Type.Optional(Nullable(HookText)) },
  closed,
);
export type AddedEntity = Static<typeof AddedEntity>;

/**
 * Points at which other plugins take part. A patch replaces a list as a whole, so a hook appends to the list it was
 * given. Nobody can take away what others found, and a hook that fails, refuses or is late changes nothing.
 */
export const hookPoints = {
  /** For each page with text: add to `entities`. */
  recognise: 'document-intelligence.recognise',
  /** Once, when all steps are done: add to `findings` and `labels`. */
  findings: 'document-intelligence.findings',
} as const;

export const RecogniseHook = Type.Object(
  { /** Null for a text that is no document. */ documentId: Nullable(Type.String({ format: 'uuid' })), page: Type.Integer({ minimum: 1 }), language: text, text: Type.String({ maxLength: 262_144 }), entities: Type.Array(AddedEntity, { maxItems: 1000 }) },
  closed,
);
export type RecogniseHook = Static<typeof RecogniseHook>;

export const FindingsHook = Type.Object(
  {
    documentId: Type.String({ format: 'uuid' }),
    filename: Type.String({ maxLength: 255 }),
    mimeType: Type.String({ maxLength: 255 }),
    kind: Type.String({ maxLength: 20 }),
    language: text,
    /** What it was classified as. */
    classification: text,
    findings: Type.Array(SecurityFinding, { maxItems: 500 }),
    /** Words of other plugins about the document, shown with its results. */
    labels: Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 50 }),
  },
  closed,
);
export type FindingsHook = Static<typeof FindingsHook>;

/** Something that a text names. `type` is a built-in one, or the name of a recogniser of the tenant or of another plugin. */
export const FoundEntity = Type.Object(
  {
    type: Type.String({ maxLength: 60 }),
    /** UTF-16 code units, `end` exclusive. */
    start: Type.Integer({ minimum: 0 }),
    end: Type.Integer({ minimum: 1 }),
    text: Type.String(),
    /** How sure the rule is. */
    score: Type.Number({ minimum: 0, maximum: 1 }),
    /** The rule that found it. */
    validator: Type.String(),
    /** The word nearby that spoke for it. */
    context: text,
  },
  closed,
);
export type FoundEntity = Static<typeof FoundEntity>;

/**
 * What can be told of a text that is no stored document. Nothing of it is kept, logged or handed to other plugins, so a
 * confined call may ask for it. Recognisers and corrections of the tenant have their say.
 *
 * Errors: DEADLINE_EXCEEDED.
 */
export const documentIntelligenceText = defineService({
  id: 'document-intelligence.text',
  version: '1.0.0',
  methods: {
    analyse: {
      input: Type.Object({ text: Type.String({ maxLength: 1_000_000 }), filename: Type.Optional(Type.String({ maxLength: 255 })), mimeType: Type.Optional(Type.String({ maxLength: 255 })) }, closed),
      output: Type.Object(
        {
          language: LanguageResult,
          classification: ClassificationResult,
          /** In the order of the text, without overlaps; the first 5,000. */
          entities: Type.Array(FoundEntity, { maxItems: 5000 }),
          /** By type, of all. */
          counts: Type.Record(Type.String(), Type.Integer({ minimum: 1 })),
          truncated: Type.Boolean(),
          personalData: PersonalDataResult,
          /** Keys, tokens and passwords, without their values. */
          secrets: Type.Array(SecurityFinding, { maxItems: 500 }),
        },
        closed,
      ),
      idempotent: true,
    },
  },
});

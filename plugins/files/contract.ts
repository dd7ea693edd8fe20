import { defineService, Type, type Static } from '@proofpix/sdk';

/**
 * What other plugins may use of `files`. A file holds one document, so `documentId` and `fileId`
 * are the same UUID wherever both appear; processors of several documents in one file will part them.
 */

const closed = { additionalProperties: false };
const Uuid = Type.String({ format: 'uuid' });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** `queued` also before anybody asked for processing. */
export const DocumentStatus = Type.Enum(['queued', 'processing', 'completed', 'failed']);

/** A failure that users may see: an upper snake case code and one sentence. */
export const PublicError = Type.Object({ code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) }, closed);
export type PublicError = Static<typeof PublicError>;

/** A word by which files are found; case counts. */
export const Tag = Type.String({ minLength: 1, maxLength: 50 });
/** Most tags of one file. */
export const maxTags = 20;

/**
 * What is known about malware in a content. `pending` and `infected` are locked: nobody downloads, shares or processes
 * them. `not-scanned` is what a deployment without a scanner has, or what a scanner could not take.
 */
export const scanStates = ['pending', 'clean', 'infected', 'not-scanned'] as const;
export type ScanState = (typeof scanStates)[number];

const fileFields = {
  fileId: Uuid,
  filename: Type.String({ maxLength: 255 }),
  /** From the content where it can be told, else as declared. */
  mimeType: Type.String({ maxLength: 255 }),
  sizeBytes: Type.Integer({ minimum: 0 }),
  /** Lower-case hex SHA-256 of the content. */
  sha256: Sha256,
};

/** `files.uploaded`: content and record are stored. Sockets see `document:upload`. */
export const FileUploaded = Type.Object({ ...fileFields, documentId: Uuid }, closed);
export type FileUploaded = Static<typeof FileUploaded>;

/** What a run is to do beyond finding out what the file is. */
export const ProcessingOptions = Type.Object(
  {
    /** False stops at type and size. */
    extractMetadata: Type.Boolean(),
    /** `auto`: pictures, and pages without a text layer; default. */
    ocr: Type.Optional(Type.Enum(['auto', 'off', 'force'])),
  },
  closed,
);
export type ProcessingOptions = Static<typeof ProcessingOptions>;

/** `files.process-cancelled`: somebody called the run off; a processor stops, and reports nothing more. */
export const ProcessCancelled = Type.Object({ fileId: Uuid, documentId: Uuid, runId: Uuid }, closed);
export type ProcessCancelled = Static<typeof ProcessCancelled>;

/**
 * `files.infected`: a malware scanner found something in a file's content, which stays locked. `version` is the number of
 * that content, which may be an earlier one. Sockets see `document:error`.
 */
export const FileInfected = Type.Object({ fileId: Uuid, documentId: Uuid, version: Type.Integer({ minimum: 1 }), sha256: Sha256, signature: Nullable(Type.String({ maxLength: 255 })), error: PublicError }, closed);
export type FileInfected = Static<typeof FileInfected>;

/**
 * `files.process-requested`: a processor is to run once for this `runId` and to answer with the
 * reports below, naming the run. A run that was replaced, or whose file was deleted, is over.
 */
export const ProcessRequested = Type.Object({ ...fileFields, documentId: Uuid, runId: Uuid, options: ProcessingOptions }, closed);
export type ProcessRequested = Static<typeof ProcessRequested>;

/** `files.updated`: name, tags, folder or content changed. `version` counts contents from 1; what is known of earlier content no longer holds. */
export const FileUpdated = Type.Object({ fileId: Uuid, documentId: Uuid, filename: Type.String({ maxLength: 255 }), tags: Type.Array(Tag, { maxItems: maxTags }), folderId: Type.Optional(Nullable(Uuid)), version: Type.Optional(Type.Integer({ minimum: 1 })) }, closed);
export type FileUpdated = Static<typeof FileUpdated>;

/** `files.trashed`: the file lies in the trash, where only its restoring and erasing are left; after `eraseAfter` it is erased. */
export const FileTrashed = Type.Object({ fileId: Uuid, documentId: Uuid, eraseAfter: Type.String({ format: 'date-time' }) }, closed);
export type FileTrashed = Static<typeof FileTrashed>;

/** `files.restored`: the file is back from the trash, as it was. */
export const FileRestored = Type.Object({ fileId: Uuid, documentId: Uuid }, closed);
export type FileRestored = Static<typeof FileRestored>;

/** `files.deleted`: the file is gone for good, and whoever derived something from it drops that. */
export const FileDeleted = Type.Object({ fileId: Uuid, documentId: Uuid, sha256: Sha256 }, closed);
export type FileDeleted = Static<typeof FileDeleted>;

/** `files.processing-expired`: no processor reported for an hour. Sockets see `document:error`. */
export const ProcessingExpired = Type.Object({ fileId: Uuid, documentId: Uuid, runId: Uuid, error: PublicError }, closed);
export type ProcessingExpired = Static<typeof ProcessingExpired>;

/**
 * Events by which the processor reports. They are the processor's events; their contract is here
 * because the processor depends on `files` and not the other way round. All are delivered at least
 * once and in any order: `files` takes only those of the active run, and progress only forwards.
 */
export const processorReports = {
  started: 'document-intelligence.started',
  progressed: 'document-intelligence.progressed',
  completed: 'document-intelligence.completed',
  failed: 'document-intelligence.failed',
} as const;

const run = { documentId: Uuid, fileId: Uuid, runId: Uuid };

export const ProcessingStarted = Type.Object(run, closed);
export type ProcessingStarted = Static<typeof ProcessingStarted>;

export const ProcessingProgressed = Type.Object(
  {
    ...run,
    /** 0 to 1. */
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    /** What is being done, e.g. `reading`. */
    stage: Type.String({ maxLength: 60 }),
  },
  closed,
);
export type ProcessingProgressed = Static<typeof ProcessingProgressed>;

/** Something the processor could not tell, without failing. */
export const ProcessingWarning = Type.Object({ code: Type.String({ maxLength: 60 }), message: Type.String({ maxLength: 500 }) }, closed);
export type ProcessingWarning = Static<typeof ProcessingWarning>;

/** The nearest populated place. */
export const Place = Type.Object(
  {
    /** For people: `Name, Region, Country`. */
    label: Type.String(),
    name: Type.String(),
    /** Second-level division, e.g. a county. */
    district: Nullable(Type.String()),
    /** First-level division, e.g. a state. */
    region: Nullable(Type.String()),
    country: Type.String(),
    /** ISO 3166-1 alpha-2. */
    countryCode: Type.String(),
    /** Great-circle distance between the position and the centre of the place. */
    distanceKm: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type Place = Static<typeof Place>;

/** WGS 84 degrees, north and east positive. */
export const Location = Type.Object(
  { latitude: Type.Number({ minimum: -90, maximum: 90 }), longitude: Type.Number({ minimum: -180, maximum: 180 }), altitudeMetres: Nullable(Type.Number()), place: Nullable(Place) },
  closed,
);
export type Location = Static<typeof Location>;

/** The findings in short, for lists and for people; all of them are the processor's to tell. */
export const ProcessingSummary = Type.Object(
  {
    /** ISO 639-1. */
    language: Nullable(Type.String({ maxLength: 10 })),
    classification: Nullable(Type.Object({ label: Type.String({ maxLength: 60 }), confidence: Type.Number({ minimum: 0, maximum: 1 }) }, closed)),
    pageCount: Nullable(Type.Integer({ minimum: 0 })),
    /** Pages whose text was recognised from their picture. */
    ocrPages: Type.Integer({ minimum: 0 }),
    /** Entities by type. */
    entities: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
    /** Security findings by severity. */
    security: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type ProcessingSummary = Static<typeof ProcessingSummary>;

/** `kind` is a coarse class of the content; `metadata` is what the processor found, at most 64 KiB as JSON. */
export const ProcessingCompleted = Type.Object(
  {
    ...run,
    kind: Type.Enum(['image', 'document', 'text', 'audio', 'video', 'archive', 'other']),
    metadata: Type.Record(Type.String(), Type.Unknown()),
    location: Nullable(Location),
    warnings: Type.Array(ProcessingWarning, { maxItems: 20 }),
    summary: Type.Optional(ProcessingSummary),
  },
  closed,
);
export type ProcessingCompleted = Static<typeof ProcessingCompleted>;

export const ProcessingFailed = Type.Object({ ...run, error: PublicError }, closed);
export type ProcessingFailed = Static<typeof ProcessingFailed>;

/**
 * Access to content for other plugins. `open` answers a handle for `ctx.files.read` that expires
 * after an hour. With the `runId` of the file's active run the request for processing is the
 * permission; without one the principal needs `files:read`.
 *
 * Errors: NOT_FOUND, FORBIDDEN, RUN_NOT_ACTIVE (the run ended, or another replaced it), FILE_QUARANTINED (without a run).
 */
export const filesDocuments = defineService({
  id: 'files.documents',
  version: '1.0.0',
  methods: {
    open: {
      input: Type.Object({ fileId: Uuid, runId: Type.Optional(Uuid) }, closed),
      output: Type.Object({ ...fileFields, handle: Type.String(), declaredType: Nullable(Type.String()), typeMismatch: Type.Boolean() }, closed),
      idempotent: true,
    },
  },
});

/**
 * Starting and ending runs for other plugins. The principal needs `files:write`.
 *
 * Errors: NOT_FOUND, FORBIDDEN, CONFLICT (a run is under way and `replace` is false), FILE_QUARANTINED.
 */
export const filesProcessing = defineService({
  id: 'files.processing',
  version: '1.0.0',
  methods: {
    /** Asks for a run as the endpoints of `files` do; the processor learns of it by `files.process-requested`. */
    start: {
      input: Type.Object({ fileId: Uuid, replace: Type.Boolean(), options: ProcessingOptions }, closed),
      output: Type.Object({ runId: Uuid }, closed),
    },
    /** Ends a run; false when it was over already. */
    cancel: { input: Type.Object({ fileId: Uuid, runId: Uuid }, closed), output: Type.Object({ cancelled: Type.Boolean() }, closed), idempotent: true },
  },
});

/** Most characters of one page that are kept and searched; the rest is cut. */
export const maxPageCharacters = 200_000;

/**
 * The text of files, by page, as the processor read it: kept here because `GET /api/files?text=` searches it. It goes
 * with the file. `store` belongs to the file's active run; `read` needs `files:read`, or the active run.
 *
 * Errors: NOT_FOUND, FORBIDDEN, RUN_NOT_ACTIVE.
 */
export const filesTexts = defineService({
  id: 'files.texts',
  version: '1.0.0',
  methods: {
    /** Adds or replaces these pages. `clear` first drops the pages of earlier runs. */
    store: {
      input: Type.Object({ fileId: Uuid, runId: Uuid, clear: Type.Boolean(), pages: Type.Array(Type.Object({ page: Type.Integer({ minimum: 1 }), text: Type.String({ maxLength: maxPageCharacters }), source: Type.Enum(['file', 'ocr']) }, closed), { maxItems: 100 }) }, closed),
      output: Type.Object({ stored: Type.Integer() }, closed),
      idempotent: true,
    },
    /** Pages in order from `firstPage`, as many as fit into a megabyte, at least one; `nextPage` is null after the last. */
    read: {
      input: Type.Object({ fileId: Uuid, runId: Type.Optional(Uuid), firstPage: Type.Integer({ minimum: 1 }) }, closed),
      output: Type.Object({ pages: Type.Array(Type.Object({ page: Type.Integer(), text: Type.String(), source: Type.Enum(['file', 'ocr']) }, closed)), nextPage: Nullable(Type.Integer()) }, closed),
      idempotent: true,
    },
  },
});

/**
 * Taking a file that another plugin made, e.g. a redacted copy, as a new document. The principal needs `files:write`.
 *
 * Errors: FORBIDDEN, QUOTA_EXCEEDED, VALIDATION_ERROR (the name).
 */
export const filesUploads = defineService({
  id: 'files.uploads',
  version: '1.0.0',
  methods: {
    /** `handle` as `ctx.files.share` made it; the copy is processed unless `process` is false. */
    add: {
      input: Type.Object({ handle: Type.String({ maxLength: 1024 }), filename: Type.String({ minLength: 1, maxLength: 255 }), tags: Type.Array(Tag, { maxItems: maxTags }), process: Type.Boolean() }, closed),
      output: Type.Object({ fileId: Uuid }, closed),
    },
  },
});

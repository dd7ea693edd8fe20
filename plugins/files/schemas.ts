import { Type, type Static } from '@proofpix/sdk';
import { DocumentStatus, Location, maxTags, type ProcessingOptions, ProcessingSummary, ProcessingWarning, PublicError, scanStates, Tag } from './contract.ts';

const Time = Type.String({ format: 'date-time' });

export const FileParams = Type.Object({ fileId: Type.String({ format: 'uuid' }) });

/** Whether text is read off pictures; default `auto`: of pictures, and of pages without text of their own. */
const Ocr = Type.Enum(['auto', 'off', 'force']);

export const UploadFields = Type.Object(
  {
    options: Type.Optional(
      Type.Object(
        {
          /** Default true. */
          processImmediately: Type.Optional(Type.Boolean()),
          /** Default true; false stops at type and size. */
          extractMetadata: Type.Optional(Type.Boolean()),
          ocr: Type.Optional(Ocr),
        },
        { additionalProperties: false },
      ),
    ),
    /** Where the files go; default the top. */
    folderId: Type.Optional(Type.String({ format: 'uuid' })),
  },
  { additionalProperties: false },
);

/** Of one file, as the store takes it: 5 GiB. What the deployment allows (MAX_UPLOAD_BYTES) is less, and the host keeps to it. */
export const maxUploadBytes = 5_368_709_120;

export interface UploadOptions extends Required<ProcessingOptions> {
  processImmediately: boolean;
  /** Default the top. */
  folderId?: string | null;
}

export function optionsOf(fields: Static<typeof UploadFields> | null): UploadOptions {
  const { processImmediately = true, extractMetadata = true, ocr = 'auto' } = fields?.options ?? {};
  return { processImmediately, extractMetadata, ocr, folderId: fields?.folderId ?? null };
}

/** What a run is asked for; what is left out stays as it was with the document. */
const RunOptions = Type.Object({ extractMetadata: Type.Optional(Type.Boolean()), ocr: Type.Optional(Ocr) }, { additionalProperties: false });
const options = { options: Type.Optional(RunOptions) };

/** The body may be left out. */
export const ProcessBody = Type.Union([Type.Object(options, { additionalProperties: false }), Type.Null()]);

export const ListQuery = Type.Object(
  {
    /** Part of the name; case does not count. */
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    /** Beginning of the name; case does not count. */
    namePrefix: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    /** Words on one page of the text: all of them, `"a phrase"`, `or`, `-not`. Ordered by time only. */
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    /** Of the content, lower-case hex: all copies of it. */
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    /** A media type, or all of a kind: `image/*`. */
    mimeType: Type.Optional(Type.String({ maxLength: 255, pattern: '^[A-Za-z0-9!#$&^_.+-]+/([*]|[A-Za-z0-9!#$&^_.+-]+)$' })),
    /** Uploaded then or later. */
    from: Type.Optional(Time),
    /** Uploaded before. */
    to: Type.Optional(Time),
    tag: Type.Optional(Tag),
    /** What lies in this folder itself, or with `top` in none. */
    folder: Type.Optional(Type.String({ pattern: '^(top|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$' })),
    ownerId: Type.Optional(Type.String({ format: 'uuid' })),
    status: Type.Optional(DocumentStatus),
    /** Default false; true lists the trash instead. */
    trash: Type.Optional(Type.Boolean()),
    /** Default `createdAt`. */
    sort: Type.Optional(Type.Enum(['createdAt', 'name', 'sizeBytes'])),
    /** Default `desc`. */
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { additionalProperties: false },
);
export type ListQuery = Static<typeof ListQuery>;

export const FileChange = Type.Object(
  {
    filename: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    /** Replaces all tags. */
    tags: Type.Optional(Type.Array(Tag, { maxItems: maxTags, uniqueItems: true })),
    /** Null for the top. */
    folderId: Type.Optional(Type.Union([Type.String({ format: 'uuid' }), Type.Null()])),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const DeleteQuery = Type.Object({ permanent: Type.Optional(Type.Boolean()) }, { additionalProperties: false });

/** What a tenant may set. */
export const Config = Type.Object({
  /** Days that deleted files stay in the trash; with 0 they are gone at once. */
  trashDays: Type.Integer({ minimum: 0, maximum: 365, default: 30 }),
  /** Contents that a file keeps, with the one it has now; the oldest make room. */
  maxVersions: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
});

/** Of the content. `reason`: NO_SCANNER, TOO_LARGE, or why the scan still waits. */
const Scan = Type.Object({ state: Type.Enum([...scanStates]), signature: Type.Union([Type.String(), Type.Null()]), scannedAt: Type.Union([Time, Type.Null()]), reason: Type.Union([Type.String(), Type.Null()]) });
export type Scan = Static<typeof Scan>;

/** What the operator's settings say. */
export const Settings = Type.Object({
  /** Whether a scanner is there, so that new content waits for it. */
  scanUploads: Type.Optional(Type.Boolean()),
  /** Of one file; default 100 MiB. */
  maxUploadBytes: Type.Optional(Type.Integer({ minimum: 1 })),
});

export const Document = Type.Object({
  id: Type.String(),
  ownerId: Type.Union([Type.String(), Type.Null()]),
  filename: Type.String(),
  mimeType: Type.String(),
  declaredType: Type.Union([Type.String(), Type.Null()]),
  typeMismatch: Type.Boolean(),
  sizeBytes: Type.Integer(),
  sha256: Type.String(),
  scan: Scan,
  /** How often its content was replaced, plus one. */
  version: Type.Integer(),
  status: DocumentStatus,
  progress: Type.Number(),
  error: Type.Union([PublicError, Type.Null()]),
  tags: Type.Array(Tag),
  folderId: Type.Union([Type.String(), Type.Null()]),
  /** Since when it lies in the trash. */
  trashedAt: Type.Union([Time, Type.Null()]),
  createdAt: Time,
  updatedAt: Time,
});
export type Document = Static<typeof Document>;

export const ProcessingState = Type.Object({
  id: Type.String(),
  status: DocumentStatus,
  /** 0 to 1. */
  progress: Type.Number(),
  stage: Type.Union([Type.String(), Type.Null()]),
  error: Type.Union([PublicError, Type.Null()]),
  updatedAt: Time,
});

/** `result` is that of the last run that completed, kept while a later one is under way or failed. */
export const Results = Type.Object({
  id: Type.String(),
  status: DocumentStatus,
  error: Type.Union([PublicError, Type.Null()]),
  result: Type.Union([
    Type.Object({
      kind: Type.String(),
      metadata: Type.Record(Type.String(), Type.Unknown()),
      location: Type.Union([Location, Type.Null()]),
      warnings: Type.Array(ProcessingWarning),
      summary: Type.Union([ProcessingSummary, Type.Null()]),
      completedAt: Time,
    }),
    Type.Null(),
  ]),
});

/** `match` only with `text`: the first page that has what was sought. */
export const DocumentPage = Type.Object({ items: Type.Array(Type.Object({ ...Document.properties, match: Type.Optional(Type.Object({ page: Type.Integer() })) })), nextCursor: Type.Union([Type.String(), Type.Null()]) });

/** `restoredFrom` is the number of the version that this one brought back. */
export const Version = Type.Object({
  number: Type.Integer(),
  current: Type.Boolean(),
  mimeType: Type.String(),
  typeMismatch: Type.Boolean(),
  sizeBytes: Type.Integer(),
  sha256: Type.String(),
  scan: Scan,
  restoredFrom: Type.Union([Type.Integer(), Type.Null()]),
  /** Null when no user brought it, or whoever did is gone. */
  createdBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Time,
});
export type Version = Static<typeof Version>;
/** Newest first. */
export const VersionList = Type.Object({ items: Type.Array(Version), nextCursor: Type.Null() });

const VersionNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
export const VersionParams = Type.Object({ fileId: Type.String({ format: 'uuid' }), number: VersionNumber });
export const DownloadQuery = Type.Object({ version: Type.Optional(VersionNumber) }, { additionalProperties: false });

export const PageQuery = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: Type.Optional(Type.String({ maxLength: 4096 })) }, { additionalProperties: false });

export const ShareParams = Type.Object({ fileId: Type.String({ format: 'uuid' }), shareId: Type.String({ format: 'uuid' }) });

export const CreateShare = Type.Object(
  {
    /** A minute to a year; default a week. */
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 31_536_000 })),
    /** Default none. What counts as one is told with the download. */
    maxDownloads: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** Asked for at every download; it is kept as a hash only. */
    password: Type.Optional(Type.String({ minLength: 6, maxLength: 256, pattern: '^[^\\x00-\\x1f\\x7f]+$' })),
  },
  { additionalProperties: false },
);

export const ShareToken = Type.Object({ token: Type.String({ maxLength: 1024 }) });
export const SharePassword = Type.Object({ password: Type.String({ maxLength: 1024 }) }, { additionalProperties: false });

const share = {
  id: Type.String(),
  fileId: Type.String(),
  createdBy: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum(['active', 'expired', 'used-up', 'revoked']),
  expiresAt: Time,
  maxDownloads: Type.Union([Type.Integer(), Type.Null()]),
  downloads: Type.Integer(),
  hasPassword: Type.Boolean(),
  lastUsedAt: Type.Union([Time, Type.Null()]),
  revokedAt: Type.Union([Time, Type.Null()]),
  createdAt: Time,
};
export const Share = Type.Object(share);
export type Share = Static<typeof Share>;
export const SharePage = Type.Object({ items: Type.Array(Share), nextCursor: Type.Union([Type.String(), Type.Null()]) });
/** `path` is below the deployment's own address. */
export const MadeShare = Type.Object({ ...share, token: Type.String(), path: Type.String() });

/** One of `file` and `error` is null. Items are in the order of the form. */
export const BulkUploadResult = Type.Object({
  total: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  items: Type.Array(Type.Object({ position: Type.Integer(), filename: Type.String(), file: Type.Union([Document, Type.Null()]), error: Type.Union([PublicError, Type.Null()]) })),
});

export const BatchProcess = Type.Object({ fileIds: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 1000, uniqueItems: true }), ...options }, { additionalProperties: false });

/** One of `status` and `error` is null. Items are in the order asked for. */
export const BatchProcessResult = Type.Object({
  total: Type.Integer(),
  queued: Type.Integer(),
  failed: Type.Integer(),
  items: Type.Array(Type.Object({ fileId: Type.String(), status: Type.Union([DocumentStatus, Type.Null()]), error: Type.Union([PublicError, Type.Null()]) })),
});

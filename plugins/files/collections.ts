import { collection, Type } from '@proofpix/sdk';
import { DocumentStatus, Location, maxPageCharacters, maxTags, ProcessingSummary, ProcessingWarning, PublicError, scanStates, Tag } from './contract.ts';

const nullableUuid = Type.Union([Type.String({ format: 'uuid' }), Type.Null()]);
const nullableTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

const contentFields = {
  /** Id of the stored content. */
  contentId: Type.String({ maxLength: 200 }),
  mimeType: Type.String({ maxLength: 255 }),
  declaredType: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  typeMismatch: Type.Boolean(),
  sizeBytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ maxLength: 64 }),
  /** `pending` and `infected` are locked. */
  scanState: Type.Enum([...scanStates], { default: 'not-scanned' }),
  scannedAt: nullableTime,
  /** Of what was found. */
  scanSignature: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  /** Why it was not scanned, or not yet. */
  scanReason: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
};

export const collections = {
  documents: collection({
    schema: Type.Object({
      /** Null when no user uploaded it. */
      ownerId: nullableUuid,
      filename: Type.String({ maxLength: 255 }),
      /** The name as it is searched and ordered by. */
      nameKey: Type.String({ maxLength: 1000, default: '' }),
      tags: Type.Array(Tag, { maxItems: maxTags, default: [] }),
      /** Null at the top. In the trash it may name a folder that is gone. */
      folderId: nullableUuid,
      /** Since when it lies in the trash; null when it does not. */
      trashedAt: nullableTime,
      ...contentFields,
      /** Number of the content that it has now, from 1; who brought it and when is null for the first. */
      version: Type.Integer({ minimum: 1, default: 1 }),
      versionBy: nullableUuid,
      versionAt: nullableTime,
      /** The version that this one brought back. */
      restoredFrom: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
      extractMetadata: Type.Boolean(),
      /** Asked for while the content was locked. */
      processOnRelease: Type.Boolean({ default: false }),
      ocr: Type.Enum(['auto', 'off', 'force'], { default: 'auto' }),
      status: DocumentStatus,
      progress: Type.Number({ minimum: 0, maximum: 1 }),
      stage: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
      error: Type.Union([PublicError, Type.Null()]),
      /** The run whose reports count; null when none is under way. Every change of status hangs on it. */
      activeRunId: nullableUuid,
      /** When the run was asked for or last reported. */
      runSeenAt: nullableTime,
    }),
    indexes: [['runSeenAt'], ['ownerId'], ['trashedAt'], ['createdAt'], ['folderId'], ['sha256'], ['scanState']],
  }),
  folders: collection({
    schema: Type.Object({
      name: Type.String({ maxLength: 255 }),
      /** The name as it is compared: case does not count. */
      nameKey: Type.String({ maxLength: 1000 }),
      /** Null at the top. */
      parentId: nullableUuid,
      /** The parent's id, or `top`: nulls would not be held against each other. */
      parentKey: Type.String({ maxLength: 36 }),
      /** Counted up by whoever puts a file in, to find the folder there until it is in. */
      entries: Type.Integer({ minimum: 0 }),
    }),
    unique: [['parentKey', 'nameKey']],
  }),
  /** One record, locked by whoever changes the tree of folders. */
  trees: collection({ schema: Type.Object({ name: Type.String({ maxLength: 20 }) }), unique: [['name']] }),
  /** What documents had before; what they have now stands in the document. */
  versions: collection({
    schema: Type.Object({
      documentId: Type.String({ format: 'uuid' }),
      number: Type.Integer({ minimum: 1 }),
      ...contentFields,
      restoredFrom: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
      /** Who brought it, and when. */
      broughtBy: nullableUuid,
      broughtAt: Type.String({ format: 'date-time' }),
    }),
    indexes: [['broughtBy'], ['scanState']],
    unique: [['documentId', 'number']],
  }),
  /** Uploads that may go on where they broke off (tus). */
  resumables: collection({
    schema: Type.Object({
      ownerId: nullableUuid,
      filename: Type.String({ maxLength: 255 }),
      declaredType: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
      folderId: nullableUuid,
      processImmediately: Type.Boolean(),
      extractMetadata: Type.Boolean(),
      ocr: Type.Enum(['auto', 'off', 'force']),
      sizeBytes: Type.Integer({ minimum: 0 }),
      /** What has arrived, without a gap. */
      offsetBytes: Type.Integer({ minimum: 0 }),
      /** The document that it became; null until it is whole. */
      fileId: nullableUuid,
      expiresAt: Type.String({ format: 'date-time' }),
    }),
    indexes: [['expiresAt'], ['ownerId']],
  }),
  parts: collection({
    schema: Type.Object({ uploadId: Type.String({ format: 'uuid' }), offsetBytes: Type.Integer({ minimum: 0 }), sizeBytes: Type.Integer({ minimum: 1 }), contentId: Type.String({ maxLength: 200 }) }),
    unique: [['uploadId', 'offsetBytes']],
  }),
  /** Small pictures of contents; whoever purges a content drops its. */
  thumbnails: collection({
    schema: Type.Object({
      documentId: Type.String({ format: 'uuid' }),
      contentId: Type.String({ maxLength: 200 }),
      /** Its longer edge at most, in pixels. */
      edge: Type.Integer({ minimum: 1 }),
      /** Id of the stored picture; null when none can be made. */
      pictureId: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
    }),
    unique: [['contentId', 'edge']],
  }),
  shares: collection({
    schema: Type.Object({
      fileId: Type.String({ format: 'uuid' }),
      createdBy: nullableUuid,
      expiresAt: Type.String({ format: 'date-time' }),
      /** Null for no limit. */
      maxDownloads: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
      downloads: Type.Integer({ minimum: 0 }),
      /** Bcrypt; null for a link without password. */
      passwordHash: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
      lastUsedAt: nullableTime,
      revokedAt: nullableTime,
    }),
    indexes: [['fileId', 'createdAt'], ['createdBy'], ['expiresAt']],
  }),
  results: collection({
    schema: Type.Object({
      documentId: Type.String({ format: 'uuid' }),
      runId: Type.String({ format: 'uuid' }),
      kind: Type.String({ maxLength: 20 }),
      metadata: Type.Record(Type.String(), Type.Unknown()),
      location: Type.Union([Location, Type.Null()]),
      warnings: Type.Array(ProcessingWarning),
      /** Null from processors that give none. */
      summary: Type.Union([ProcessingSummary, Type.Null()]),
      completedAt: Type.String({ format: 'date-time' }),
    }),
    unique: [['documentId']],
  }),
  texts: collection({
    schema: Type.Object({
      documentId: Type.String({ format: 'uuid' }),
      page: Type.Integer({ minimum: 1 }),
      content: Type.String({ maxLength: maxPageCharacters }),
      source: Type.Enum(['file', 'ocr']),
      /** The document's id turned round: groups come in the order of their keys, and people want the newest first. */
      newestFirst: Type.String({ maxLength: 32, default: '' }),
    }),
    search: ['content'],
    unique: [['documentId', 'page']],
  }),
};

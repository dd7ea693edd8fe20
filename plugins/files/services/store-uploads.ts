import { isError, toWireError, type StoredFile, type TransactionContext } from '@proofpix/sdk';
import type { collections } from '../collections.ts';
import type { FileUploaded, PublicError } from '../contract.ts';
import type { FilesContext } from '../kit.ts';
import type { UploadOptions } from '../schemas.ts';
import { contentFacts } from './content-facts.ts';
import { nameKeyOf } from './file-name.ts';
import type { StoredDocument } from './find-document.ts';
import { claimFolder } from './folder-tree.ts';
import { firstScans } from './quarantine.ts';
import { emitProcessRequested, firstRun } from './request-processing.ts';

/** Content that is to become a document: an uploaded file, or one that a plugin shared. */
export interface NewFile {
  handle: string;
  filename: string;
  declaredType: string | null;
  tags?: string[];
  /** Default: whoever asks. */
  ownerId?: string | null;
  /** Why there is no content: it was too large. */
  error?: PublicError;
}

/** An upload whose content has become the plugin's own. */
interface Kept<Upload = NewFile> {
  upload: Upload;
  stored: StoredFile;
}

export type Outcome = { document: StoredDocument } | { error: PublicError };

/** What belongs to the record of a document: it is there with it or not at all. */
type Within = (tx: TransactionContext<typeof collections>, document: StoredDocument) => Promise<void>;

/** Records and events of uploads, all or none. */
async function recordUploads(ctx: FilesContext, kept: readonly Kept<Omit<NewFile, 'handle'>>[], { processImmediately, extractMetadata, ocr, folderId = null }: UploadOptions, within?: Within): Promise<StoredDocument[]> {
  const firstScan = await firstScans(ctx, kept.map(({ stored }) => stored.sha256));
  const records = kept.map(({ upload, stored }) => ({
    ownerId: upload.ownerId === undefined ? ctx.auth.principal.userId : upload.ownerId,
    filename: upload.filename,
    nameKey: nameKeyOf(upload.filename),
    tags: upload.tags ?? [],
    folderId,
    trashedAt: null,
    ...contentFacts(stored, upload.declaredType, firstScan(stored.sha256)),
    version: 1,
    versionBy: null,
    versionAt: null,
    restoredFrom: null,
    extractMetadata,
    ocr,
    ...firstRun(ctx, firstScan(stored.sha256), processImmediately),
  }));
  return ctx.db.transaction(async (tx) => {
    if (folderId !== null) await claimFolder(tx, folderId);
    const [only] = records;
    const made = only !== undefined && records.length === 1 ? [await tx.db.documents.insert(only)] : await tx.db.documents.insertMany(records);
    for (const document of made) {
      const { id, filename, mimeType, sizeBytes, sha256, activeRunId } = document;
      const uploaded: FileUploaded = { fileId: id, documentId: id, filename, mimeType, sizeBytes, sha256 };
      await tx.events.emit('files.uploaded', uploaded);
      if (document.scanState === 'pending') await tx.jobs.send('scan', { documentId: id, contentId: document.contentId });
      if (activeRunId !== null) await emitProcessRequested(tx, document, activeRunId);
    }
    for (const document of made) await within?.(tx, document);
    return made;
  });
}

/** After these nobody knows whether the records are there; their content must stay. */
export const isUnknown = (error: unknown): boolean => isError(error, 'DEADLINE_EXCEEDED') || isError(error, 'UNAVAILABLE');

/** Keeping content takes part in no transaction: without its record nobody would ever find it again. */
async function dropContent(ctx: FilesContext, kept: readonly Kept[], error: unknown): Promise<void> {
  if (!isUnknown(error)) for (const { stored } of kept) await ctx.files.delete(stored.id).catch(() => undefined);
}

function failureOf(error: unknown): Outcome {
  const { code, message } = toWireError(error);
  return { error: { code, message } };
}

/** Records and announces content that the plugin has already; whose it is if that fails is the caller's business. */
export async function storeKept(ctx: FilesContext, { stored, ...upload }: Omit<NewFile, 'handle'> & { stored: StoredFile }, options: UploadOptions, within: Within): Promise<StoredDocument> {
  const [document] = await recordUploads(ctx, [{ upload, stored }], options, within);
  return document as StoredDocument;
}

/** Keeps one upload, records and announces it. */
export async function storeUpload(ctx: FilesContext, upload: NewFile, options: UploadOptions): Promise<StoredDocument> {
  const kept = [{ upload, stored: await ctx.files.keep(upload.handle) }];
  try {
    const [document] = await recordUploads(ctx, kept, options);
    return document as StoredDocument;
  } catch (error) {
    await dropContent(ctx, kept, error);
    throw error;
  }
}

async function recordApart(ctx: FilesContext, kept: readonly Kept[], options: UploadOptions): Promise<[NewFile, Outcome][]> {
  try {
    const made = new Map((await recordUploads(ctx, kept, options)).map((document) => [document.contentId, document]));
    return kept.map(({ upload, stored }) => [upload, { document: made.get(stored.id) as StoredDocument }]);
  } catch (error) {
    if (kept.length > 1 && !isUnknown(error)) {
      const apart: [NewFile, Outcome][] = [];
      for (const one of kept) apart.push(...(await recordApart(ctx, [one], options)));
      return apart;
    }
    await dropContent(ctx, kept, error);
    return kept.map(({ upload }) => [upload, failureOf(error)]);
  }
}

/** Stores some uploads in as few steps as it takes, and one by one where one of them spoils the others. Answers in their order. */
export async function storeUploads(ctx: FilesContext, uploads: readonly NewFile[], options: UploadOptions): Promise<Outcome[]> {
  const outcomes = new Map<NewFile, Outcome>();
  const kept: Kept[] = [];
  // one after the other: each is held against the quota that the ones before have left
  for (const upload of uploads) {
    if (upload.error !== undefined) {
      outcomes.set(upload, { error: upload.error });
      continue;
    }
    try {
      kept.push({ upload, stored: await ctx.files.keep(upload.handle) });
    } catch (error) {
      outcomes.set(upload, failureOf(error));
    }
  }
  if (kept.length > 0) for (const [upload, outcome] of await recordApart(ctx, kept, options)) outcomes.set(upload, outcome);
  return uploads.map((upload) => outcomes.get(upload) as Outcome);
}

/** Part of a blob; `end` is exclusive, null for the end. */
export interface ByteRange {
  start: number;
  end: number | null;
}

/** Where the bytes lie. Knows nothing of references: the caller says when content may be removed. */
export interface BlobStore {
  /** Begins a write that nobody can see. */
  stage(): Promise<StagedBlob>;
  /** @throws NOT_FOUND when the content is gone; UNAVAILABLE when the store does not answer */
  read(tenantId: string, hash: string, range: ByteRange): AsyncIterable<Uint8Array>;
  /** Removing what is not there is no error. */
  remove(tenantId: string, hash: string): Promise<void>;
  /** Removes staged writes that nobody has touched since `before`. */
  sweep(before: Date): Promise<{ blobs: number; bytes: number }>;
  close(): Promise<void>;
}

export interface StagedBlob {
  /** Resolves when more may be written. The chunk may be reused then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the bytes in place. They survive a crash and a loss of power once it resolves. Repeating it is no error. */
  place(tenantId: string, hash: string): Promise<void>;
  /** Drops whatever is still staged. Never throws; a remainder is swept later. */
  drop(): Promise<void>;
}

/** Key of a blob below its store's root: the first two digits keep directories small. */
export const blobKey = (tenantId: string, hash: string): string => `${tenantId}/${hash.slice(0, 2)}/${hash}`;

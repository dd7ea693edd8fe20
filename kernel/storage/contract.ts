import type { EntityManager } from '@mikro-orm/postgresql';
import type { Json, StoredFile } from '@proofpix/sdk';

/** Whose data it is. Nothing in storage is ever looked up without both. */
export interface Owner {
  tenantId: string;
  pluginId: string;
}

/** Bytes by content hash within a tenant, on disk or S3. References are counted per tenant. */
export interface Blobs {
  /** Streams into a temporary blob; nothing is visible before `finish`. Constant memory. */
  create(owner: Owner, options: { declaredType: string | null; maxBytes: number }): Promise<BlobWriter>;
  /** @throws NOT_FOUND for a file or handle that is not this owner's, has expired, or is gone. */
  stat(owner: Owner, file: string): Promise<StoredFile>;
  /** `end` is exclusive, null for the end. */
  open(owner: Owner, file: string, range: { start: number; end: number | null }): Promise<AsyncIterable<Uint8Array> & { sizeBytes: number }>;
  /** Makes a handle's content the owner's own file. */
  keep(owner: Owner, handle: string): Promise<StoredFile>;
  share(owner: Owner, file: string, ttlSeconds: number): Promise<string>;
  delete(owner: Owner, file: string): Promise<void>;
  /** Removes what no reference holds and what unfinished writes left behind; returns what it freed. */
  collect(): Promise<{ blobs: number; bytes: number }>;
  usage(owner: Owner): Promise<{ files: number; bytes: number }>;
  purge(owner: Owner): Promise<void>;
}

export interface BlobWriter {
  /** Resolves when more may be written. @throws PAYLOAD_TOO_LARGE beyond `maxBytes`, having dropped everything. */
  write(chunk: Uint8Array): Promise<void>;
  /** Durable when it resolves. `temporary` gives a handle that ends with the request instead of a file. */
  finish(options?: { temporary?: boolean }): Promise<StoredFile>;
  abort(): Promise<void>;
}

export interface KeyValueStore {
  get(owner: Owner, key: string): Promise<Json>;
  set(owner: Owner, key: string, value: Json, ttlSeconds: number | null): Promise<void>;
  delete(owner: Owner, key: string): Promise<boolean>;
  increment(owner: Owner, key: string, by: number, ttlSeconds: number | null): Promise<number>;
  count(owner: Owner): Promise<number>;
  purge(owner: Owner): Promise<void>;
}

/** AES-256-GCM envelopes: a data key per secret, wrapped by the key-encryption key of MASTER_KEY. */
export interface Vault {
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>;
  /** @throws INTERNAL_SERVER_ERROR when the envelope was changed or belongs to another context. */
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>;
  /** Rewraps everything under a new key; resumable. */
  rotate(newMasterKey: Uint8Array): Promise<void>;
}

export interface SecretStore {
  has(owner: Owner, name: string): Promise<boolean>;
  get(owner: Owner, name: string): Promise<string | null>;
  set(owner: Owner, name: string, value: string | null, em?: EntityManager): Promise<void>;
  purge(owner: Owner): Promise<void>;
}

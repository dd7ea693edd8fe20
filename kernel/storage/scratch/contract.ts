import type { StoredFile } from '@proofpix/sdk';
import type { Owner } from '../contract.ts';
import type { ScratchWriter } from './file-writer.ts';
import type { ScratchFile } from './session.ts';

export type { ScratchWriter };

export interface OpenedSession {
  /** Names the session and the node that has its key. */
  id: string;
  /** milliseconds since the epoch */
  expiresAt: number;
}

/** Who wants to read by a handle: a handle that was shared opens only for its owner and in confined calls. */
export interface ScratchReader extends Owner {
  confined: boolean;
}

/**
 * Content that must leave no trace. A session has a random key in this process's memory and nowhere else, and a time to
 * live; what it holds lies encrypted below `DATA_DIR/scratch`. When it ends, the key is wiped and the files removed; when
 * the process ends, however it ends, nobody can read them. Not in any backup that is worth restoring, not on other nodes.
 */
export interface Scratch {
  /** @throws QUOTA_EXCEEDED (`scratchSessions`), UNAVAILABLE when the node has too many */
  create(owner: Owner, ttlMs: number): Promise<OpenedSession>;
  /** A session for one uploaded file, under the name {@link uploadName}; the handle of the finished file is its owner's, until kept or discarded. */
  upload(owner: Owner, options: { declaredType: string | null; maxBytes: number; ttlMs: number }): Promise<{ writer: ScratchWriter; handle(file: ScratchFile): string; discard(): Promise<void> }>;
  /** Makes an upload's session the owner's, from now on for `ttlMs`. @throws NOT_FOUND */
  keep(owner: Owner, handle: string, ttlMs: number): Promise<OpenedSession & { file: StoredFile }>;
  /** Drops the session of an upload that was not kept. */
  discard(owner: Owner, handle: string): Promise<void>;
  /** Writes a file of a session, or a new one in the place of an old. */
  write(owner: Owner, sessionId: string, name: string, options: { declaredType: string | null; maxBytes: number }): Promise<ScratchWriter>;
  /** @throws NOT_FOUND for what is not this owner's, not on this node, has ended, or was never written */
  read(owner: Owner, sessionId: string, name: string): AsyncIterable<Uint8Array>;
  /** A handle by which another plugin, called confined, reads the file. It dies with the session. */
  share(owner: Owner, sessionId: string, name: string, ttlMs: number): string;
  isHandle(text: string): boolean;
  stat(reader: ScratchReader, handle: string): StoredFile;
  open(reader: ScratchReader, handle: string, range: { start: number; end: number | null }): AsyncIterable<Uint8Array>;
  /** `elsewhere`: on another node that lives. */
  state(owner: Owner, sessionId: string): Promise<'here' | 'elsewhere' | 'gone'>;
  /** Aborted when the session ends. @throws NOT_FOUND when it is not here */
  signal(owner: Owner, sessionId: string): AbortSignal;
  /** On this node at once; another one is asked to. Ending what has ended is no error. */
  end(owner: Owner, sessionId: string): Promise<void>;
  /** Ends all sessions of an owner on this node. */
  purge(owner: Owner): Promise<void>;
  /** Ends all sessions. */
  close(): Promise<void>;
}

/** Under which name an uploaded file lies in its session. */
export const uploadName = 'upload';

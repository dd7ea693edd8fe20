import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFound } from '@proofpix/sdk';
import type { Owner } from '../contract.ts';

/** A file of a session. Its name and type are in memory only. */
export interface ScratchFile {
  /** names the file on disk and its key */
  id: string;
  sizeBytes: number;
  sha256: string;
  mimeType: string;
  declaredType: string | null;
}

/** Content that one key in this process's memory opens. */
export interface Session {
  readonly id: string;
  readonly owner: Owner;
  /** wiped when the session ends */
  readonly key: Buffer;
  readonly directory: string;
  /** milliseconds since the epoch */
  expiresAt: number;
  /** by name */
  readonly files: Map<string, ScratchFile>;
  /** of ciphertext, also of files that are being written */
  bytes: number;
  /** aborted when the session ends */
  readonly end: AbortController;
  timer: NodeJS.Timeout;
}

/** @throws NOT_FOUND when the session has ended, and its directory gone, at that moment */
export async function openFile(session: Session, id: string, flags: 'r' | 'wx'): Promise<FileHandle> {
  try {
    return await open(join(session.directory, id), flags, 0o600);
  } catch (error) {
    throw session.end.signal.aborted ? NotFound({ message: 'The session has ended.', cause: error }) : error;
  }
}

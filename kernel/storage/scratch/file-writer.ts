import { createHash, randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Conflict, NotFound, PayloadTooLarge } from '@proofpix/sdk';
import { normaliseType, sniffBytes, typeOf } from '../blobs/mime-type.ts';
import { fileKeyOf, frameBytes, sealFrame } from './frames.ts';
import type { ScratchFile, Session } from './session.ts';

export interface ScratchWriter {
  /** Resolves when more may be written; the chunk may be reused then. @throws PAYLOAD_TOO_LARGE, QUOTA_EXCEEDED; NOT_FOUND when the session has ended */
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<ScratchFile>;
  abort(): Promise<void>;
}

export interface ScratchWriterOptions {
  session: Session;
  declaredType: string | null;
  maxBytes: number;
  /** Counts bytes on disk before they are written. @throws when there are too many */
  reserve(bytes: number): void;
  onFinish(file: ScratchFile): void;
}

/** Writes one file of a session. Only sealed frames reach the disk; nothing is synced, for nothing has to survive. */
export async function scratchWriter({ session, declaredType, maxBytes, reserve, onFinish }: ScratchWriterOptions): Promise<ScratchWriter> {
  const id = randomUUID();
  const key = fileKeyOf(session.key, id);
  const path = join(session.directory, id);
  const handle = await open(path, 'wx', 0o600);
  const hasher = createHash('sha256');
  const frame = Buffer.allocUnsafeSlow(frameBytes);
  const head = Buffer.allocUnsafeSlow(sniffBytes);
  const type = normaliseType(declaredType);
  let filled = 0;
  let frames = 0;
  let sizeBytes = 0;
  let isOpen = true;

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    for (const plain of [frame, head, key]) plain.fill(0);
    await handle.close();
  }

  function requireOpen(): void {
    if (!isOpen) throw Conflict({ message: 'The write has ended.' });
    if (session.end.signal.aborted) throw NotFound({ message: 'The session has ended.' });
  }

  async function flush(isLast: boolean): Promise<void> {
    const sealed = sealFrame(key, frames, isLast, frame.subarray(0, filled));
    reserve(sealed.length);
    await handle.appendFile(sealed);
    frames += 1;
    filled = 0;
  }

  return {
    async write(chunk) {
      requireOpen();
      if (sizeBytes + chunk.length > maxBytes) throw PayloadTooLarge({ details: { maxBytes } });
      hasher.update(chunk);
      if (sizeBytes < sniffBytes) head.set(chunk.subarray(0, sniffBytes - sizeBytes), sizeBytes);
      for (let at = 0; at < chunk.length; ) {
        // a full frame waits until it is known whether another one follows
        if (filled === frameBytes) {
          await flush(false);
          requireOpen();
        }
        const part = chunk.subarray(at, at + frameBytes - filled);
        frame.set(part, filled);
        filled += part.length;
        at += part.length;
      }
      sizeBytes += chunk.length;
    },
    async finish() {
      requireOpen();
      await flush(true);
      const mimeType = await typeOf(Buffer.from(head.subarray(0, Math.min(sizeBytes, sniffBytes))), type);
      requireOpen();
      await close();
      const file: ScratchFile = { id, sizeBytes, sha256: hasher.digest('hex'), mimeType, declaredType: type };
      onFinish(file);
      return file;
    },
    // the bytes go with the session's directory, and stay counted until then
    abort: close,
  };
}

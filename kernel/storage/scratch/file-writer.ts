import { createHash, randomUUID } from 'node:crypto';
import { Conflict, NotFound, PayloadTooLarge } from '@proofpix/sdk';
import { normaliseType, sniffBytes, typeOf } from '../blobs/mime-type.ts';
import { fileKeyOf, frameBytes, sealFrame } from './frames.ts';
import { openFile, type ScratchFile, type Session } from './session.ts';

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
  onFinish(file: ScratchFile): Promise<void>;
}

/** Writes one file of a session. Only sealed frames reach the disk; nothing is synced, for nothing has to survive. */
export async function scratchWriter({ session, declaredType, maxBytes, reserve, onFinish }: ScratchWriterOptions): Promise<ScratchWriter> {
  const id = randomUUID();
  const key = fileKeyOf(session.key, id);
  const handle = await openFile(session, id, 'wx');
  const hasher = createHash('sha256');
  const frame = Buffer.allocUnsafeSlow(frameBytes);
  const head = Buffer.allocUnsafeSlow(sniffBytes);
  const type = normaliseType(declaredType);
  let filled = 0;
  let frames = 0;
  let sizeBytes = 0;
  let isOpen = true;

  // an open file that nobody holds any more would end the process when it is collected
  const endWithSession = (): void => void close().catch(() => undefined);

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    session.end.signal.removeEventListener('abort', endWithSession);
    for (const plain of [frame, head, key]) plain.fill(0);
    await handle.close();
  }

  function requireOpen(): void {
    if (session.end.signal.aborted) throw NotFound({ message: 'The session has ended.' });
    if (!isOpen) throw Conflict({ message: 'The write has ended.' });
  }

  async function flush(isLast: boolean): Promise<void> {
    const sealed = sealFrame(key, frames, isLast, frame.subarray(0, filled));
    reserve(sealed.length);
    await handle.appendFile(sealed);
    frames += 1;
    filled = 0;
  }

  async function write(chunk: Uint8Array): Promise<void> {
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
  }

  async function finish(): Promise<ScratchFile> {
    requireOpen();
    await flush(true);
    const mimeType = await typeOf(Buffer.from(head.subarray(0, Math.min(sizeBytes, sniffBytes))), type);
    requireOpen();
    await close();
    const file: ScratchFile = { id, sizeBytes, sha256: hasher.digest('hex'), mimeType, declaredType: type };
    await onFinish(file);
    return file;
  }

  /** What fails leaves nothing open. */
  const orClose = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      await close();
      throw error;
    }
  };

  if (session.end.signal.aborted) await close();
  else session.end.signal.addEventListener('abort', endWithSession, { once: true });
  return {
    write: (chunk) => orClose(write(chunk)),
    finish: () => orClose(finish()),
    // the bytes go with the session's directory, and stay counted until then
    abort: close,
  };
}

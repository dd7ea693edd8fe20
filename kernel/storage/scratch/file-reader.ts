import { NotFound } from '@proofpix/sdk';
import { fileKeyOf, frameBytes, frameCount, openFrame, sealedFrameBytes, tagBytes } from './frames.ts';
import { openFile, type ScratchFile, type Session } from './session.ts';

/** Content of a file, frame by frame; `end` is exclusive. @throws NOT_FOUND as soon as the session has ended */
export async function* readScratch(session: Session, file: ScratchFile, range: { start: number; end: number }): AsyncGenerator<Uint8Array> {
  if (range.start >= range.end || session.end.signal.aborted) return;
  const key = fileKeyOf(session.key, file.id);
  const last = frameCount(file.sizeBytes) - 1;
  const handle = await openFile(session, file.id, 'r');
  try {
    for (let index = Math.floor(range.start / frameBytes); index * frameBytes < range.end; index++) {
      const sealed = Buffer.allocUnsafeSlow(index === last ? file.sizeBytes - index * frameBytes + tagBytes : sealedFrameBytes);
      const { bytesRead } = await handle.read(sealed, 0, sealed.length, index * sealedFrameBytes);
      if (session.end.signal.aborted) throw NotFound({ message: 'The session has ended.' });
      if (bytesRead !== sealed.length) throw new Error('a scratch file is shorter than what was written');
      const plain = openFrame(key, index, index === last, sealed);
      const from = index * frameBytes;
      yield plain.subarray(Math.max(0, range.start - from), Math.min(plain.length, range.end - from));
    }
  } finally {
    key.fill(0);
    await handle.close();
  }
}

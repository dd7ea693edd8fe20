import { isError } from '@proofpix/sdk';
import { giveCopy } from '../content/give-copy.ts';
import { withContent } from '../content/with-content.ts';
import type { ParseStatus } from '../contract.ts';
import { FileDamaged, FileEncrypted, FileTooLarge, FileUnsupported, LaneFailed } from '../errors.ts';
import { sharedExifTool } from '../exiftool/exiftool.ts';
import { rewrite } from '../exiftool/rewrite.ts';
import { tagsOfContent } from '../exiftool/tags-of-content.ts';
import type { ParsersContext } from '../kit.ts';
import { createLane } from '../lanes/lane.ts';
import { createThreadSeat } from '../lanes/thread-seat.ts';
import { type Kind, sniff } from '../structure/sniff.ts';
import type { StripAnswer, StripRequest } from './messages.ts';
import { stripPicture } from './strip-picture.ts';

const maxBytes = 134_217_728;
const maxRemoved = 1000;
const entry = new URL('strip-thread.ts', import.meta.url);

/** One per process. */
const lane = createLane<StripRequest, StripAnswer>({
  start: () => createThreadSeat({ entry, maxHeapMb: 768, transferOf: ({ content }) => [content.buffer] }),
  timeoutMs: 20_000,
  idleMs: 30_000,
});

const pictureTypes: Partial<Record<Kind, string>> = { jpeg: 'image/jpeg', png: 'image/png', gif: 'image/gif', webp: 'image/webp', tiff: 'image/tiff' };

function refusal(status: ParseStatus, message: string): Error {
  if (status === 'encrypted') return FileEncrypted();
  if (status === 'too-large') return FileTooLarge({ message });
  return status === 'unsupported' ? FileUnsupported({ message }) : FileDamaged({ message });
}

async function stripContent(ctx: ParsersContext, content: Uint8Array<ArrayBuffer>, mimeType: string): Promise<{ content: Uint8Array; removed: string[]; mimeType: string }> {
  if (content.length === 0) throw FileDamaged({ message: 'The file is empty.' });
  const kind = sniff(content, mimeType);
  if (kind === 'pdf' || kind === 'zip') {
    const answer = await lane.ask({ kind, content });
    if (!answer.ok) throw refusal(answer.status, answer.message);
    return { ...answer, mimeType: kind === 'pdf' ? 'application/pdf' : mimeType };
  }
  const type = kind === 'heif' ? mimeType : pictureTypes[kind];
  const tool = sharedExifTool();
  if (type === undefined || tool === null) throw FileUnsupported();
  return { ...(await stripPicture({ tagsOf: (bytes) => tagsOfContent(ctx, tool, bytes), rewrite: (bytes, args) => rewrite(ctx, tool, bytes, args) }, content, kind)), mimeType: type };
}

/**
 * `strip` of `parsers.privacy`.
 *
 * @throws FILE_UNSUPPORTED, FILE_DAMAGED, FILE_ENCRYPTED, FILE_TOO_LARGE, NOT_FOUND, UNAVAILABLE
 */
export async function strip(ctx: ParsersContext, { file, mimeType }: { file: string; mimeType: string }): Promise<{ file: string; mimeType: string; sizeBytes: number; removed: string[] }> {
  try {
    const made = await withContent(ctx, file, maxBytes, (content) => stripContent(ctx, content, mimeType));
    return { ...(await giveCopy(ctx, made.content, made.mimeType)), removed: made.removed.slice(0, maxRemoved) };
  } catch (error) {
    if (!isError(error, LaneFailed.code)) throw error;
    const reason = (error as { details?: { reason?: unknown } }).details?.reason;
    throw reason === 'time' || reason === 'memory' ? FileTooLarge({ message: 'The file takes too long or too much memory to rewrite.', cause: error }) : FileDamaged({ cause: error });
  }
}

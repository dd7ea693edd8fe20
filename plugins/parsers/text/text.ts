import { isError } from '@proofpix/sdk';
import { withContent } from '../content/with-content.ts';
import { parsersText, type ParseStatus, type TextReport } from '../contract.ts';
import { FileTooLarge, LaneFailed } from '../errors.ts';
import { provide } from '../kit.ts';
import { createLane } from '../lanes/lane.ts';
import { createProcessSeat } from '../lanes/process-seat.ts';
import type { TextAnswer, TextRequest } from './messages.ts';

const maxBytes = 134_217_728;
/** A service has 30 s; reading the content and the answer take their part. */
const softTimeoutMs = 12_000;
const hardTimeoutMs = 20_000;
const maxHeapMb = 384;
const maxResidentBytes = 1_073_741_824;

const entry = new URL('text-process.ts', import.meta.url);

/** One per process. A parser’s memory is given back half a minute after the last file. */
const lane = createLane<TextRequest, TextAnswer>({
  start: () => createProcessSeat({ entry, maxHeapMb, maxResidentBytes }),
  seats: 2,
  timeoutMs: hardTimeoutMs,
  idleMs: 30_000,
});

const ended = (status: ParseStatus, code: string, message: string): TextReport => ({ status, pages: [], pageCount: 0, withoutText: [], truncated: false, attachments: [], warnings: [{ code, message }] });

/** What becomes of a file whose parser was killed. */
function endedBy(error: unknown): TextReport {
  if (isError(error, FileTooLarge.code)) return ended('too-large', 'BYTE_LIMIT', `A file of more than ${maxBytes / 1_048_576} MiB is not read.`);
  if (!isError(error, LaneFailed.code)) throw error;
  const reason = (error as { details?: { reason?: unknown } }).details?.reason;
  if (reason === 'time') return ended('too-large', 'TIME_LIMIT', 'The file takes too long to read.');
  if (reason === 'memory') return ended('too-large', 'MEMORY_LIMIT', 'The file takes too much memory to read.');
  return ended('damaged', 'DAMAGED', 'The file cannot be read: it is damaged.');
}

export const text = provide(parsersText, {
  async read(ctx, { file, mimeType, filename = '', firstPage = 1, maxPages = 500, maxCharacters = 2_000_000 }) {
    try {
      return await withContent(ctx, file, maxBytes, (content) => {
        const leftMs = ctx.deadline - ctx.clock.now() - 1000;
        return lane.ask({ content, mimeType, filename, firstPage, maxPages, maxCharacters, softTimeoutMs: Math.max(1, Math.min(softTimeoutMs, leftMs - 1000)) }, leftMs);
      });
    } catch (error) {
      return endedBy(error);
    }
  },
});

import { extname } from 'node:path';
import { isError } from '@proofpix/sdk';
import { withContent } from '../content/with-content.ts';
import { parsersStructure, type ParseStatus, type Warning } from '../contract.ts';
import { FileTooLarge, LaneFailed } from '../errors.ts';
import { sharedExifTool } from '../exiftool/exiftool.ts';
import { isSlowPdf } from '../exiftool/slow-pdf.ts';
import { tagsOfContent } from '../exiftool/tags-of-content.ts';
import type { ToolTags } from '../exiftool/tool-tags.ts';
import { type ParsersContext, provide } from '../kit.ts';
import { createLane } from '../lanes/lane.ts';
import { createThreadSeat } from '../lanes/thread-seat.ts';
import { createFindings, type Finding } from './findings.ts';
import type { StructureAnswer, StructureRequest } from './messages.ts';
import { inspectTags } from './metadata-findings.ts';

const maxBytes = 134_217_728;
const entry = new URL('structure-thread.ts', import.meta.url);

/** One per process. */
const lane = createLane<StructureRequest, StructureAnswer>({
  start: () => createThreadSeat({ entry, maxHeapMb: 512, transferOf: ({ content }) => [content.buffer] }),
  timeoutMs: 15_000,
  idleMs: 30_000,
});

const ended = (status: ParseStatus, code: string, message: string): StructureAnswer => ({ status, findings: [], warnings: [{ code, message }], leftOut: 0 });

/** What becomes of a file whose inspection was ended. */
function endedBy(error: unknown): StructureAnswer {
  if (isError(error, FileTooLarge.code)) return ended('too-large', 'BYTE_LIMIT', `A file of more than ${maxBytes / 1_048_576} MiB is not looked into.`);
  if (!isError(error, LaneFailed.code)) throw error;
  const reason = (error as { details?: { reason?: unknown } }).details?.reason;
  if (reason === 'time') return ended('too-large', 'TIME_LIMIT', 'The file takes too long to look into.');
  if (reason === 'memory') return ended('too-large', 'MEMORY_LIMIT', 'The file takes too much memory to look into.');
  return ended('damaged', 'DAMAGED', 'The file cannot be looked into: it is damaged.');
}

/** Null when ExifTool is missing, or gave up on the file. */
async function tagsOf(ctx: ParsersContext, content: Uint8Array, filename: string): Promise<ToolTags | null> {
  const tool = sharedExifTool();
  if (tool === null || content.length === 0 || isSlowPdf(content)) return null;
  try {
    return await tagsOfContent(ctx, tool, content, extname(filename).slice(1), 8000);
  } catch (error) {
    if (isError(error, LaneFailed.code) || error instanceof SyntaxError) return null;
    throw error;
  }
}

const order: readonly Finding['severity'][] = ['high', 'medium', 'low', 'info'];

export const structure = provide(parsersStructure, {
  async inspect(ctx, { file, mimeType, filename = '' }) {
    let tags: ToolTags | null = null;
    let inspected: StructureAnswer;
    try {
      inspected = await withContent(ctx, file, maxBytes, async (content) => {
        tags = await tagsOf(ctx, content, filename);
        return await lane.ask({ content, mimeType, filename });
      });
    } catch (error) {
      inspected = endedBy(error);
    }
    const fromTags = createFindings();
    const read = tags as ToolTags | null;
    if (read !== null) inspectTags(read, fromTags);
    const all = [...inspected.findings, ...fromTags.list()].toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
    const leftOut = inspected.leftOut + fromTags.leftOut() + Math.max(0, all.length - 200);
    const warnings: Warning[] = leftOut > 0 ? [...inspected.warnings, { code: 'FINDINGS_LEFT_OUT', message: `${leftOut} more findings of the same kinds were left out.` }] : inspected.warnings;
    return { status: inspected.status, findings: all.slice(0, 200), warnings: warnings.slice(0, 20) };
  },
});

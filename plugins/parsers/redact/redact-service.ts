import { ValidationError, isError, type PluginError } from '@proofpix/sdk';
import { giveCopy } from '../content/give-copy.ts';
import { withContent } from '../content/with-content.ts';
import { FileDamaged, FileEncrypted, FileTooLarge, LaneFailed } from '../errors.ts';
import type { ParsersContext } from '../kit.ts';
import { maxPdfBytes, pageLane } from '../pages/page-lane.ts';
import type { Area, PageProblem, Span } from '../pages/messages.ts';

const errorOf = ({ problem, message }: PageProblem): PluginError => {
  if (problem === 'encrypted') return FileEncrypted({ message });
  if (problem === 'too-large') return FileTooLarge({ message });
  if (problem === 'no-page' || problem === 'no-span') return ValidationError({ message, details: { field: 'spans', issue: message } });
  return FileDamaged({ message });
};

/** `redactPdf` of `parsers.privacy`. @throws FILE_DAMAGED, FILE_ENCRYPTED, FILE_TOO_LARGE, VALIDATION_ERROR (a span or an area where there is nothing) */
export async function redactPdf(ctx: ParsersContext, { file, spans, areas }: { file: string; spans: Span[]; areas: Area[] }): Promise<{ file: string; mimeType: string; sizeBytes: number; redactedPages: number[] }> {
  const answer = await withContent(ctx, file, maxPdfBytes, async (content) => {
    const leftMs = ctx.deadline - ctx.clock.now() - 2000;
    try {
      return await pageLane.ask({ kind: 'redact', content, spans, areas, timeoutMs: Math.max(1, leftMs - 6000) }, leftMs);
    } catch (error) {
      if (isError(error, LaneFailed.code)) throw FileTooLarge({ message: 'The PDF takes too much time or memory to redact.', cause: error });
      throw error;
    }
  });
  if (answer.kind === 'problem') throw errorOf(answer);
  if (answer.kind !== 'file') throw FileDamaged();
  return { ...(await giveCopy(ctx, answer.content, 'application/pdf')), redactedPages: answer.redactedPages };
}

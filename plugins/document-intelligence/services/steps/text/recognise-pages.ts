import { isError, Unavailable } from '@proofpix/sdk';
import { maxPageCharacters } from '@proofpix/plugin-files/contract';
import type { RecognisedPage } from '@proofpix/plugin-ocr/contract';
import { isMissingPlugin, isPassing } from '../../../errors.ts';
import type { IntelligenceContext } from '../../../kit.ts';
import { saveDraft, type TextDraft } from '../../pipeline/text-draft.ts';
import type { StepInput } from '../step.ts';
import { withWarning } from './with-warning.ts';

/** A page may have waited behind those of others, so it may be late this often before it counts as unreadable. */
const mostLate = 4;

/** What is no picture's fault: the run is over, or nothing may be read. */
const notThePage = ['NOT_FOUND', 'RUN_NOT_ACTIVE', 'FORBIDDEN'];

/** Null when this page cannot be recognised. @throws what is not the page's fault */
async function recognise(ctx: IntelligenceContext, input: StepInput, draft: TextDraft, page: number): Promise<RecognisedPage | null> {
  try {
    return await ctx.services.recognition.read({ file: await input.file(), mimeType: input.document.mimeType, page });
  } catch (error) {
    if (isError(error, 'DEADLINE_EXCEEDED')) {
      const late = (draft.late[page] ?? 0) + 1;
      draft.late[page] = late;
      if (late >= mostLate) return null;
      await saveDraft(ctx, input.document.runId, draft);
      throw Unavailable({ message: 'Recognising text takes too long at the moment.', cause: error });
    }
    if (isPassing(error) || notThePage.some((code) => isError(error, code))) throw error;
    return null;
  }
}

/** Recognises the pages that are left and stores each one before the next, so that a crash costs one page. */
export async function recognisePages(ctx: IntelligenceContext, input: StepInput, draft: TextDraft, progress: (fraction: number) => Promise<void>): Promise<void> {
  const { fileId, runId } = input.document;
  const { result } = draft;
  const already = result.ocrPages;
  const whole = already + draft.toRecognise.length;
  for (const page of draft.toRecognise) {
    let read: RecognisedPage | null;
    try {
      read = await recognise(ctx, input, draft, page);
    } catch (error) {
      if (!isMissingPlugin(error)) throw error;
      result.warnings = withWarning(result.warnings, 'OCR_NOT_ENABLED', 'Pictures of text were not recognised, because the plugin that does is not enabled.');
      draft.toRecognise = [];
      return;
    }
    if (read === null) result.warnings = withWarning(result.warnings, 'OCR_FAILED', `Page ${page} could not be recognised.`);
    else {
      const text = read.text.slice(0, maxPageCharacters);
      if (text.trim() !== '') {
        await ctx.services.texts.store({ fileId, runId, clear: false, pages: [{ page, text, source: 'ocr' }] });
        result.characters += text.length;
      }
      result.ocrPages += 1;
      draft.confidenceSum += read.confidence;
      result.ocrConfidence = Math.round((draft.confidenceSum / result.ocrPages) * 1000) / 1000;
    }
    result.pageCount = Math.max(result.pageCount, page);
    draft.toRecognise = draft.toRecognise.filter((other) => other !== page);
    await saveDraft(ctx, runId, draft);
    await progress((whole - draft.toRecognise.length) / whole);
  }
}

import { maxPageCharacters } from '@proofpix/plugin-files/contract';
import type { TextPage } from '@proofpix/plugin-parsers/contract';
import type { TextResult } from '../../../contract.ts';
import type { IntelligenceContext } from '../../../kit.ts';
import { saveDraft, type TextDraft } from '../../pipeline/text-draft.ts';
import type { StepInput } from '../step.ts';
import { withWarning } from './with-warning.ts';

/** Of one request to the parser, which has half a minute. */
const pagesAtOnce = 200;
const charactersAtOnce = 1_500_000;
/** Of one document, whatever its pages. */
const mostCharacters = 20_000_000;
/** Of one request to `files`. */
const pagesPerStore = 100;

/** Whether pages can be recognised by number. */
const hasPictures = ({ kind, mimeType }: StepInput['document']): boolean => kind === 'image' || mimeType === 'application/pdf';

async function store(ctx: IntelligenceContext, { fileId, runId }: StepInput['document'], pages: readonly TextPage[], clear: boolean): Promise<number> {
  const kept = pages.filter(({ text }) => text.trim() !== '').map(({ page, text }) => ({ page, text: text.slice(0, maxPageCharacters), source: 'file' as const }));
  for (let at = 0; at === 0 || at < kept.length; at += pagesPerStore) {
    if (clear || kept.length > 0) await ctx.services.texts.store({ fileId, runId, clear: clear && at === 0, pages: kept.slice(at, at + pagesPerStore) });
  }
  return kept.reduce((sum, { text }) => sum + text.length, 0);
}

/** Without the last page where the request had no room for the end of it: it begins the next range. */
function wholePages(pages: readonly TextPage[]): readonly TextPage[] {
  const characters = pages.reduce((sum, { text }) => sum + text.length, 0);
  return pages.length > 1 && characters >= charactersAtOnce ? pages.slice(0, -1) : pages;
}

/** The pages to recognise: what shows something and has no text, or, where that was asked for, all. */
function toRecognise(input: StepInput, result: TextResult, withoutText: readonly number[], maxOcrPages: number): number[] {
  if (input.options.ocr === 'off' || result.status === 'encrypted' || !hasPictures(input.document)) return [];
  const wanted = input.options.ocr === 'force' ? Array.from({ length: result.pageCount }, (_, at) => at + 1) : withoutText;
  if (wanted.length > maxOcrPages) Object.assign(result, { warnings: withWarning(result.warnings, 'OCR_PAGE_LIMIT', `Of ${wanted.length} pages without text, ${maxOcrPages} were recognised.`) });
  return wanted.slice(0, maxOcrPages);
}

/** A picture has no text layer: all its pages are to be recognised, unless nobody wants that. */
async function readPicture(ctx: IntelligenceContext, input: StepInput, draft: TextDraft): Promise<void> {
  const { mimeType } = input.document;
  // frames of an animation are no pages
  const pages = mimeType === 'image/tiff' ? ((await input.resultOf('metadata'))?.image?.pages ?? 1) : 1;
  await store(ctx, input.document, [], true);
  draft.result.pageCount = pages;
  draft.nextPage = null;
  draft.toRecognise = toRecognise(input, draft.result, Array.from({ length: pages }, (_, at) => at + 1), ctx.config.maxOcrPages);
  if (draft.toRecognise.length > 0) await saveDraft(ctx, input.document.runId, draft);
}

/** Reads the text layer in ranges of pages and stores each range before the next; says in `draft` what is left to recognise. */
export async function readTextLayer(ctx: IntelligenceContext, input: StepInput, draft: TextDraft, progress: (fraction: number) => Promise<void>): Promise<void> {
  const { document } = input;
  if (document.kind === 'image') return readPicture(ctx, input, draft);
  const { result } = draft;
  const { maxPages, maxOcrPages } = ctx.config;
  const withoutText = [...draft.toRecognise];
  while (draft.nextPage !== null) {
    const firstPage: number = draft.nextPage;
    const report = await ctx.services.text.read({ file: await input.file(), mimeType: document.mimeType, filename: document.filename, firstPage, maxPages: Math.min(pagesAtOnce, maxPages - firstPage + 1), maxCharacters: charactersAtOnce });
    const pages = wholePages(report.pages);
    result.characters += await store(ctx, document, pages, firstPage === 1);
    withoutText.push(...report.withoutText.filter((page) => !withoutText.includes(page)));
    const last = pages.length < report.pages.length ? (pages.at(-1)?.page ?? 0) : Math.max(pages.at(-1)?.page ?? 0, report.withoutText.at(-1) ?? 0);
    // what is wrong with the beginning is told, what is wrong further on has cost some pages
    if (firstPage === 1) Object.assign(result, { status: report.status, pageCount: report.pageCount, attachments: report.attachments, warnings: report.warnings });
    const more = report.truncated && report.status === 'ok' && last >= firstPage && last < report.pageCount;
    const enough = last >= maxPages || result.characters >= mostCharacters;
    result.truncated = report.truncated && (!more || enough);
    draft.nextPage = more && !enough ? last + 1 : null;
    draft.toRecognise = draft.nextPage === null ? toRecognise(input, result, withoutText.toSorted((a, b) => a - b), maxOcrPages) : withoutText;
    if (draft.nextPage !== null || draft.toRecognise.length > 0) await saveDraft(ctx, document.runId, draft);
    await progress(report.pageCount === 0 ? 1 : last / report.pageCount);
  }
}

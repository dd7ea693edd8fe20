import type { RecognisedPage } from '@proofpix/plugin-ocr/contract';
import type { TextReport } from '@proofpix/plugin-parsers/contract';
import { isError } from '@proofpix/sdk';
import { isMissingPlugin, NotRedactable } from '../../errors.ts';
import type { IntelligenceContext } from '../../kit.ts';
import type { OpenedDocument } from '../documents/open-document.ts';
import { countTypes } from '../entities/in-slices.ts';
import { spansToRedact, redactText, type RedactionOptions } from './redact-text.ts';
import type { FoundSpan } from '../entities/span.ts';
import type { RedactionMode } from './modes.ts';
import { valuesOf, withRepeats } from './repeats.ts';

/** A copy as a handle that `files` can take, and what is hidden in it. */
export interface RedactedFile {
  handle: string;
  /** Own file behind the handle, to be deleted once it was taken; null when another plugin made it. */
  ownFileId: string | null;
  counts: Record<string, number>;
}

const mostTextBytes = 4_194_304;
const mostOcrPages = 30;
const mostPages = 500;
const pagesAtOnce = 50;
const handleSeconds = 600;
/** Letters reach a little beyond the box that was recognised. */
const boxMarginPx = 3;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface ReadPage {
  page: number;
  text: string;
  found: FoundSpan[];
  /** Of a scanned page, for where its words stand. */
  picture: RecognisedPage | null;
}

/** Boxes of the words that a span touches. */
function boxesOf({ words, width, height }: RecognisedPage, spans: readonly { start: number; end: number }[]): Box[] {
  return words
    .filter((word) => word.width > 0 && word.height > 0 && spans.some(({ start, end }) => word.start < end && start < word.end))
    .map((word) => {
      const x = Math.max(0, word.x - boxMarginPx);
      const y = Math.max(0, word.y - boxMarginPx);
      return { x, y, width: Math.min(width, word.x + word.width + boxMarginPx) - x, height: Math.min(height, word.y + word.height + boxMarginPx) - y };
    });
}

function add(counts: Record<string, number>, spans: readonly { type: string }[]): void {
  for (const [type, count] of Object.entries(countTypes(spans))) counts[type] = (counts[type] ?? 0) + count;
}

async function redactedImage(ctx: IntelligenceContext, { fileId, handle, mimeType }: OpenedDocument, options: RedactionOptions): Promise<RedactedFile> {
  const page = await ctx.services.recognition.read({ file: handle, mimeType, page: 1 });
  const spans = await spansToRedact(ctx, { documentId: fileId, page: 1, text: page.text }, options);
  const areas = boxesOf(page, spans);
  if (areas.length === 0) throw NotRedactable({ message: 'Nothing to redact was found in the picture.', details: { reason: 'NOTHING_FOUND' } });
  const made = await ctx.services.redaction.cover({ file: handle, areas });
  return { handle: made.file, ownFileId: null, counts: countTypes(spans) };
}

/** A PDF with black where something was found, in its text layer and on scanned pages. A page that cannot be read is no page to hand out. */
async function redactedPdf(ctx: IntelligenceContext, document: OpenedDocument, options: RedactionOptions): Promise<RedactedFile> {
  const { fileId, handle: file, mimeType, filename } = document;
  const pages: ReadPage[] = [];
  const areas: (Box & { page: number; of: { width: number; height: number } })[] = [];
  const counts: Record<string, number> = {};
  const scanned: number[] = [];
  let read: TextReport;
  for (let firstPage = 1; ; firstPage += pagesAtOnce) {
    read = await ctx.services.text.read({ file, mimeType, filename, firstPage, maxPages: pagesAtOnce });
    if (read.status !== 'ok') throw NotRedactable({ details: { reason: read.status.toUpperCase().replaceAll('-', '_') } });
    if (read.pageCount > mostPages) throw NotRedactable({ message: `At most ${mostPages} pages can be redacted at once.`, details: { reason: 'TOO_MANY_PAGES' } });
    scanned.push(...read.withoutText);
    if (scanned.length > mostOcrPages) throw NotRedactable({ message: `At most ${mostOcrPages} scanned pages can be redacted at once.`, details: { reason: 'TOO_MANY_SCANNED_PAGES' } });
    for (const { page, text } of read.pages) {
      pages.push({ page, text, found: await spansToRedact(ctx, { documentId: fileId, page, text }, options), picture: null });
    }
    if (firstPage + pagesAtOnce > read.pageCount) break;
  }
  for (const page of scanned) {
    const picture = await ctx.services.recognition.read({ file, mimeType, page });
    pages.push({ page, text: picture.text, found: await spansToRedact(ctx, { documentId: fileId, page, text: picture.text }, options), picture });
  }
  const spans: { page: number; start: number; end: number }[] = [];
  const values = valuesOf(pages.flatMap(({ found }) => found));
  for (const { page, text, found, picture } of pages) {
    const hidden = withRepeats(text, found, values);
    add(counts, hidden);
    if (picture === null) spans.push(...hidden.map(({ start, end }) => ({ page, start, end })));
    else for (const box of boxesOf(picture, hidden)) areas.push({ page, ...box, of: { width: picture.width, height: picture.height } });
  }
  if (spans.length + areas.length === 0) throw NotRedactable({ message: 'Nothing to redact was found in the document.', details: { reason: 'NOTHING_FOUND' } });
  if (spans.length > 10_000 || areas.length > 10_000) throw NotRedactable({ message: 'There is too much to redact in the document.', details: { reason: 'TOO_MUCH' } });
  const made = await ctx.services.privacy.redactPdf({ file, spans, areas });
  return { handle: made.file, ownFileId: null, counts };
}

async function redactedText(ctx: IntelligenceContext, { handle, mimeType, sizeBytes }: OpenedDocument, mode: RedactionMode, options: RedactionOptions): Promise<RedactedFile> {
  if (sizeBytes > mostTextBytes) throw NotRedactable({ message: 'The text is larger than 4 MiB.', details: { reason: 'TOO_LARGE' } });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  try {
    for await (const chunk of ctx.files.read(handle)) text += decoder.decode(chunk, { stream: true });
    text += decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw NotRedactable({ message: 'The text is not in UTF-8.', details: { reason: 'NOT_UTF_8' } });
    throw error;
  }
  const redacted = await redactText(ctx, text, mode, options);
  if (redacted.replacements.length === 0) throw NotRedactable({ message: 'Nothing to redact was found in the text.', details: { reason: 'NOTHING_FOUND' } });
  const { id } = await ctx.files.write(new TextEncoder().encode(redacted.text), { mimeType });
  return { handle: await ctx.files.share(id, { ttlSeconds: handleSeconds }), ownFileId: id, counts: countTypes(redacted.replacements) };
}

/**
 * A copy of a document with what was found in it hidden: black in pictures and PDFs, replaced in texts.
 *
 * @throws NOT_REDACTABLE with `details.reason`; UNAVAILABLE when a plugin that is needed is off
 */
export async function redactedFile(ctx: IntelligenceContext, document: OpenedDocument, mode: RedactionMode, options: RedactionOptions): Promise<RedactedFile> {
  const { mimeType } = document;
  try {
    if (mimeType === 'application/pdf') return await redactedPdf(ctx, document, options);
    if (mimeType.startsWith('image/') && mimeType !== 'image/svg+xml') return await redactedImage(ctx, document, options);
    if (/^text\/|^application\/(?:json|xml)$|^image\/svg\+xml$/.test(mimeType)) return await redactedText(ctx, document, mode, options);
  } catch (error) {
    if (isMissingPlugin(error)) throw NotRedactable({ message: 'A plugin that is needed to redact such a file is not enabled.', details: { reason: 'PLUGIN_MISSING' } });
    const broken = ['IMAGE_UNSUPPORTED', 'IMAGE_BROKEN', 'IMAGE_TOO_LARGE', 'PAGE_NOT_RENDERED', 'FILE_UNSUPPORTED', 'FILE_DAMAGED', 'FILE_ENCRYPTED', 'FILE_TOO_LARGE'].find((code) => isError(error, code));
    if (broken !== undefined) throw NotRedactable({ details: { reason: broken } });
    throw error;
  }
  throw NotRedactable({ message: 'Only PDFs, pictures and texts can be redacted.', details: { reason: 'FORMAT' } });
}

import type { TextReport, Warning } from '../contract.ts';
import type { TextRequest } from './messages.ts';

/** A page holds no more, so that a caller can take pages one at a time. */
export const maxPageCharacters = 200_000;
/** Text without pages of its own is cut into such pieces, at line ends where there are any. */
const pieceCharacters = 100_000;
const maxWarnings = 20;
const maxAttachments = 1000;

/** Collects what a parser finds, within the bounds of the request. */
export interface ReportWriter {
  /** Whether the page lies in what was asked for and there is still room and time for it. */
  wants(page: number): boolean;
  /** One page as the format counts them; a longer one is cut. */
  page(page: number, text: string): void;
  /** Text that has no pages: cut into as many as it needs. Returns the number of the page after it. */
  flow(text: string, firstPage?: number): number;
  withoutText(page: number): void;
  attachment(filename: string, mimeType: string, sizeBytes: number): void;
  warn(code: string, message: string): void;
  /** Of the whole file. */
  pageCount(count: number): void;
  cut(): void;
  /** Characters that still find room. */
  room(): number;
  inTime(): boolean;
  report(): TextReport;
}

/** As every text leaves: line feeds only, no NUL, well-formed UTF-16. Keeps the length, except for CR LF. */
export const normalised = (text: string): string => (/[\r\0]/.test(text) ? text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', ' ') : text).toWellFormed();

/** Cut at a whole character. */
const upTo = (text: string, end: number): string => {
  const code = text.charCodeAt(end - 1);
  return text.slice(0, end < text.length && code >= 0xd800 && code <= 0xdbff ? end - 1 : end);
};

/** The last line end in the second half of the piece, else the last blank, else a whole character. */
function pieceOf(text: string, start: number): string {
  if (text.length - start <= pieceCharacters) return text.slice(start);
  const piece = text.slice(start, start + pieceCharacters);
  for (const mark of ['\n', ' ']) {
    const at = piece.lastIndexOf(mark);
    if (at >= pieceCharacters / 2) return piece.slice(0, at + 1);
  }
  return upTo(`${piece} `, pieceCharacters);
}

export function createReportWriter({ firstPage, maxPages, maxCharacters, softTimeoutMs }: Pick<TextRequest, 'firstPage' | 'maxPages' | 'maxCharacters' | 'softTimeoutMs'>): ReportWriter {
  const made: TextReport = { status: 'ok', pages: [], pageCount: 0, withoutText: [], truncated: false, attachments: [], warnings: [] };
  const lastPage = firstPage + maxPages - 1;
  const endMs = performance.now() + softTimeoutMs;
  let left = maxCharacters;

  const writer: ReportWriter = {
    wants(page) {
      if (page < firstPage) return false;
      if (page > lastPage || left <= 0) {
        made.truncated = true;
        return false;
      }
      if (writer.inTime()) return true;
      made.truncated = true;
      writer.warn('TIME_LIMIT', 'The file takes long to read: the rest was left out.');
      return false;
    },
    page(page, text) {
      made.pageCount = Math.max(made.pageCount, page);
      if (!writer.wants(page)) return;
      const whole = normalised(text);
      const kept = upTo(whole, Math.min(whole.length, left, maxPageCharacters));
      if (kept.length < whole.length) {
        made.truncated = true;
        if (kept.length < left) writer.warn('PAGE_CUT', `Page ${page} has more than ${maxPageCharacters} characters: the rest was left out.`);
        else left = 0;
      }
      left -= kept.length;
      made.pages.push({ page, text: kept });
    },
    flow(text, first = 1) {
      const whole = normalised(text);
      let page = first;
      let start = 0;
      do {
        const piece = pieceOf(whole, start);
        writer.page(page, piece);
        start += piece.length;
        page += 1;
      } while (start < whole.length);
      return page;
    },
    withoutText: (page) => void made.withoutText.push(page),
    attachment(filename, mimeType, sizeBytes) {
      if (made.attachments.length < maxAttachments) made.attachments.push({ filename: normalised(filename).slice(0, 255).toWellFormed(), mimeType: mimeType.slice(0, 255).toWellFormed(), sizeBytes });
      else writer.warn('ATTACHMENTS_LEFT_OUT', `Only the first ${maxAttachments} attachments are listed.`);
    },
    warn(code, message) {
      if (made.warnings.length < maxWarnings && !made.warnings.some((known: Warning) => known.code === code)) made.warnings.push({ code, message: message.slice(0, 500) });
    },
    pageCount: (count) => void (made.pageCount = Math.max(made.pageCount, count)),
    cut: () => void (made.truncated = true),
    room: () => left,
    inTime: () => performance.now() < endMs,
    report: () => made,
  };
  return writer;
}

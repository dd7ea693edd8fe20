import type { ReportWriter } from '../report-writer.ts';
import { openPdf } from './open-pdf.ts';
import { showsSomething } from './page-marks.ts';
import { pageTextOf } from './page-text.ts';

/** Pages whose damage is looked past; a file with more is not worth the time. */
const maxUnreadable = 50;
/** A scanned page may carry a stamp or a number as text. */
const blank = /^\s*$/;

/** The text layer of a PDF page by page, and the pages that have none though they show something. @throws ParseProblem */
export async function readPdf(content: Uint8Array<ArrayBuffer>, writer: ReportWriter): Promise<void> {
  // The document takes its copy for itself; the original is needed for pages without text.
  const document = await openPdf(content.slice());
  const withoutText: number[] = [];
  try {
    writer.pageCount(document.numPages);
    let unreadable = 0;
    for (let page = 1; page <= document.numPages; page += 1) {
      if (!writer.wants(page)) {
        // Before the first page that was asked for, or behind the last.
        if (writer.report().truncated) break;
        continue;
      }
      try {
        const { text } = await pageTextOf(document, page);
        writer.page(page, text);
        if (blank.test(text)) withoutText.push(page);
      } catch {
        writer.warn('PAGE_UNREADABLE', `Page ${page} is damaged; others may be too.`);
        unreadable += 1;
        if (unreadable >= maxUnreadable) break;
      }
    }
  } finally {
    await document.loadingTask.destroy();
  }
  if (withoutText.length > 0) for (const page of await showsSomething(content, withoutText, writer)) writer.withoutText(page);
}

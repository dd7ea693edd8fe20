import { PDFDocument } from '@cantoo/pdf-lib';
import type { PageProblem, PageRequest, RedactedFile } from '../pages/messages.ts';
import { openForRendering, type RenderedPdf } from '../pages/pdfium.ts';
import { openPdf, type PdfDocument } from '../text/pdf/open-pdf.ts';
import { pageTextOf } from '../text/pdf/page-text.ts';
import { ParseProblem } from '../text/parse-problem.ts';
import { coveredBoxes } from './covered-boxes.ts';
import { pictureOfPage, type PagePicture } from './picture-of-page.ts';
import { pruneSource, rebuildPdf } from './rebuild-pdf.ts';

type Request = Extract<PageRequest, { kind: 'redact' }>;

export const maxPages = 2000;

class Refused extends Error {
  readonly problem: PageProblem['problem'];

  constructor(problem: PageProblem['problem'], message: string) {
    super(message);
    this.problem = problem;
  }
}

function check(document: PdfDocument, { spans, areas }: Request): void {
  if (document.numPages > maxPages) throw new Refused('too-large', `A PDF of more than ${maxPages} pages is not redacted.`);
  for (const { page } of [...spans, ...areas]) if (page > document.numPages) throw new Refused('no-page', `There is no page ${page}.`);
}

async function cover(document: PdfDocument, shown: RenderedPdf, page: number, { spans, areas }: Request): Promise<PagePicture> {
  const own = spans.filter((span) => span.page === page);
  const text = own.length === 0 ? null : await pageTextOf(document, page);
  for (const { start, end } of own) if (start >= end || end > (text?.text.length ?? 0)) throw new Refused('no-span', `Page ${page} has no characters ${start} to ${end}.`);
  const picture = shown.withPage(page, (open) => {
    const boxes = text === null ? [] : coveredBoxes(text, own, open.characters());
    return pictureOfPage(
      open,
      boxes,
      areas.filter((area) => area.page === page),
    );
  });
  if (picture === null) throw new Refused('damaged', `Page ${page} cannot be shown.`);
  return picture;
}

async function redact(request: Request): Promise<RedactedFile> {
  const { content, timeoutMs } = request;
  const endMs = performance.now() + timeoutMs;
  const shown = await openForRendering(content);
  if (shown === 'encrypted') throw new Refused('encrypted', 'The PDF is protected by a password.');
  if (shown === null) throw new Refused('damaged', 'The file is no PDF, or is damaged.');
  const document = await openPdf(content.slice());
  try {
    check(document, request);
    const source = await PDFDocument.load(content, { updateMetadata: false, password: '' });
    // Three readers must see the same pages: else what one of them covered another would not.
    if (source.getPageCount() !== document.numPages || shown.pageCount !== document.numPages) throw new Refused('damaged', 'The pages of the PDF cannot be told for certain.');
    const marked = new Set([...request.spans, ...request.areas].map(({ page }) => page));
    pruneSource(
      source,
      (page) => marked.has(page),
      (page) => void marked.add(page),
    );
    const pictures = new Map<number, PagePicture>();
    for (const page of [...marked].toSorted((a, b) => a - b)) {
      if (performance.now() > endMs) throw new Refused('too-large', 'There are too many pages to redact at once.');
      pictures.set(page, await cover(document, shown, page, request));
    }
    return { kind: 'file', content: await rebuildPdf(source, pictures), redactedPages: [...pictures.keys()] };
  } finally {
    await document.loadingTask.destroy();
    shown.close();
  }
}

/** See `parsers.privacy`. */
export async function redactPdf(request: Request): Promise<RedactedFile | PageProblem> {
  try {
    return await redact(request);
  } catch (error) {
    if (error instanceof Refused) return { kind: 'problem', problem: error.problem, message: error.message };
    if (error instanceof ParseProblem) return { kind: 'problem', problem: error.status === 'encrypted' ? 'encrypted' : 'damaged', message: error.message };
    return { kind: 'problem', problem: 'damaged', message: 'The PDF is damaged, or its encryption is not known.' };
  }
}

import { ParseProblem, encrypted } from '../parse-problem.ts';
import type { ReportWriter } from '../report-writer.ts';
import { createTextFlow, type TextFlow } from '../text-flow.ts';
import { scanXml } from './scan-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** OpenDocument 1.3 part 3, section 4.8: an entry's encryption is told in the manifest. */
function isEncrypted(archive: ZipArchive): boolean {
  let found = false;
  scanXml(archive.read('META-INF/manifest.xml') ?? new Uint8Array(), { open: (name) => (found = name === 'encryption-data') });
  return found;
}

/** Where the text begins of which a page is made: a sheet or a slide; elsewhere the whole document. */
const pageElement = (mimeType: string): string | null => (mimeType.includes('spreadsheet') ? 'table' : mimeType.includes('presentation') ? 'page' : null);

/**
 * Walks through `content.xml` or `styles.xml`; `begin` and `end` are told of pages. Paragraphs and headings (sections
 * 5.1.2 and 5.1.3) hold the text, blanks and tabs are elements (section 6.1); deletions are kept apart (section 5.5).
 */
function walk(bytes: Uint8Array, flow: () => TextFlow, page: string | null, begin: (name: string) => boolean, end: () => void): void {
  let paragraphs = 0;
  let cells = 0;
  let deleted = 0;
  let pages = 0;
  scanXml(bytes, {
    open(name, attribute) {
      if (name === 'tracked-changes') deleted += 1;
      else if (name === page && (pages += 1) === 1) return begin(attribute('name') ?? '');
      else if (name === 'p' || name === 'h') paragraphs += 1;
      else if (name === 'table-cell') cells += 1;
      else if (paragraphs > 0 && name === 'tab') flow().gap('\t');
      else if (paragraphs > 0 && name === 'line-break') flow().gap('\n');
      else if (paragraphs > 0 && name === 's') flow().gap(' ');
      return false;
    },
    text(text) {
      if (paragraphs > 0 && deleted === 0) flow().text(text.replaceAll(/\s+/g, ' '));
    },
    close(name) {
      if (name === 'tracked-changes') deleted = Math.max(0, deleted - 1);
      else if (name === page && (pages -= 1) === 0) end();
      else if (name === 'p' || name === 'h') {
        paragraphs = Math.max(0, paragraphs - 1);
        flow().gap(cells > 0 ? ' ' : '\n');
      } else if (name === 'table-cell') {
        cells = Math.max(0, cells - 1);
        flow().gap('\t');
      } else if (name === 'table-row') flow().gap('\n');
    },
  });
}

/** odt, ods, odp and their templates. */
export function readOpenDocument(archive: ZipArchive, mimeType: string, writer: ReportWriter): void {
  if (isEncrypted(archive)) throw encrypted();
  const content = archive.read('content.xml');
  if (content === null) throw new ParseProblem('damaged', 'NO_CONTENT', 'The document has no content.');
  const element = pageElement(mimeType);
  let flow = createTextFlow();
  if (element === null) {
    walk(content, () => flow, null, () => false, () => undefined);
    flow.gap('\n');
    // Headers and footers.
    walk(archive.read('styles.xml') ?? new Uint8Array(), () => flow, null, () => false, () => undefined);
    writer.flow(flow.toString());
    return;
  }
  let page = 0;
  walk(
    content,
    () => flow,
    element,
    (name) => {
      page += 1;
      flow = createTextFlow();
      // Sheets have names that people gave; those of slides are mostly counted.
      if (element === 'table') flow.text(name);
      flow.gap('\n');
      return false;
    },
    () => writer.page(page, flow.toString()),
  );
  writer.pageCount(page);
}

import type { ReportWriter } from '../report-writer.ts';
import { createTextFlow, type TextFlow } from '../text-flow.ts';
import { relationshipsOf } from './relationships.ts';
import { scanXml } from './scan-xml.ts';
import type { ZipArchive } from './zip-archive.ts';

/** Elements whose text is not shown: deleted text, field codes, and the second rendering of what newer programs show otherwise. */
const unseen = new Set(['delText', 'delInstrText', 'instrText', 'Fallback', 'pPr', 'rPr', 'tblPr', 'sectPr']);

/** WordprocessingML and DrawingML: runs of text in paragraphs, in cells, in rows (ECMA-376 part 1, sections 17.3, 17.4 and 21.1.2). */
export function writeParagraphs(bytes: Uint8Array, flow: TextFlow, maxCharacters: number): void {
  let hidden = 0;
  let runs = 0;
  let cells = 0;
  scanXml(bytes, {
    open(name) {
      if (unseen.has(name)) hidden += 1;
      else if (hidden > 0) return false;
      else if (name === 't') runs += 1;
      else if (name === 'tab' || name === 'ptab') flow.gap('\t');
      else if (name === 'br' || name === 'cr') flow.gap('\n');
      else if (name === 'noBreakHyphen') flow.text('\u2011');
      else if (name === 'tc') cells += 1;
      return false;
    },
    text(text) {
      if (hidden === 0 && runs > 0) flow.text(text);
      return flow.length > maxCharacters;
    },
    close(name) {
      if (unseen.has(name)) hidden = Math.max(0, hidden - 1);
      else if (hidden > 0) return false;
      else if (name === 't') runs = Math.max(0, runs - 1);
      else if (name === 'p') flow.gap(cells > 0 ? ' ' : '\n');
      else if (name === 'tc') {
        cells = Math.max(0, cells - 1);
        flow.gap('\t');
      } else if (name === 'tr') flow.gap('\n');
      return false;
    },
  });
  flow.gap('\n');
}

/** In the order in which they are read out behind the text. */
const beside = ['header', 'footer', 'footnotes', 'endnotes', 'comments', 'diagramData', 'chart'];

/** docx, docm, dotx: the text, then headers, footers, notes and comments. One page, because pages are made when it is shown. */
export function readWord(archive: ZipArchive, main: string, writer: ReportWriter): void {
  const flow = createTextFlow();
  const parts = relationshipsOf(archive, main);
  const targets = [main, ...beside.flatMap((type) => parts.filter((part) => part.type === type).map((part) => part.target))];
  for (const target of new Set(targets)) {
    const bytes = archive.read(target);
    if (bytes !== null) writeParagraphs(bytes, flow, writer.room());
    if (flow.length > writer.room()) break;
  }
  writer.flow(flow.toString());
}

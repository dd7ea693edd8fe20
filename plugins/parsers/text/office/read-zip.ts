import { ParseProblem } from '../parse-problem.ts';
import type { ReportWriter } from '../report-writer.ts';
import { readOpenDocument } from './open-document.ts';
import { relationshipsOf } from './relationships.ts';
import { readSheets } from './sheets.ts';
import { readSlides } from './slides.ts';
import { readWord } from './word.ts';
import { openZip, type ZipArchive } from './zip-archive.ts';

/** The main part: what the package points to, or where every program puts it. */
function mainOf(archive: ZipArchive): string | null {
  const told = relationshipsOf(archive, '').find(({ type }) => type === 'officeDocument')?.target;
  const usual = ['word/document.xml', 'xl/workbook.xml', 'ppt/presentation.xml'];
  return [told ?? '', ...usual].find((name) => archive.has(name)) ?? null;
}

/** What the main part is, by its folder or else by its root element. */
function kindOf(archive: ZipArchive, main: string): 'word' | 'sheets' | 'slides' | null {
  if (main.startsWith('word/')) return 'word';
  if (main.startsWith('xl/')) return 'sheets';
  if (main.startsWith('ppt/')) return 'slides';
  const head = new TextDecoder().decode(archive.read(main)?.subarray(0, 2000));
  return /<(?:\w+:)?document\b/.test(head) ? 'word' : /<(?:\w+:)?workbook\b/.test(head) ? 'sheets' : /<(?:\w+:)?presentation\b/.test(head) ? 'slides' : null;
}

/** Documents that are ZIP archives: Office Open XML and OpenDocument. @throws ParseProblem */
export function readZip(content: Uint8Array, writer: ReportWriter): void {
  const archive = openZip(content);
  if (archive.has('content.xml')) {
    const mimeType = new TextDecoder().decode(archive.read('mimetype')?.subarray(0, 100));
    return readOpenDocument(archive, mimeType, writer);
  }
  const main = mainOf(archive);
  const kind = main === null ? null : kindOf(archive, main);
  if (main === null || kind === null) throw new ParseProblem('unsupported', 'ARCHIVE', 'The file is an archive, but none of the documents that are read.');
  if (kind === 'word') readWord(archive, main, writer);
  else if (kind === 'sheets') readSheets(archive, main, writer);
  else readSlides(archive, main, writer);
}

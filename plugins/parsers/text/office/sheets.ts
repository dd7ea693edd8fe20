import { maxPageCharacters, type ReportWriter } from '../report-writer.ts';
import { createTextFlow } from '../text-flow.ts';
import { readCellFormats, showNumber, type CellFormats } from './cell-formats.ts';
import { relationshipsOf } from './relationships.ts';
import { scanXml } from './scan-xml.ts';
import { writeParagraphs } from './word.ts';
import type { ZipArchive } from './zip-archive.ts';

/** Of all shared strings together, before the sheets repeat them. */
const maxSharedCharacters = 33_554_432;

interface Workbook {
  sheets: { name: string; target: string }[];
  calendar: 1900 | 1904;
  shared: string[];
  formats: CellFormats;
}

/** The table that cells of type `s` index (ECMA-376 part 1, section 18.4.9), without its phonetic runs. */
function sharedStrings(bytes: Uint8Array | null, writer: ReportWriter): string[] {
  const strings: string[] = [];
  let current = '';
  let total = 0;
  let runs = 0;
  let phonetic = 0;
  if (bytes !== null)
    scanXml(bytes, {
      open(name) {
        if (name === 'si') current = '';
        else if (name === 't') runs += 1;
        else if (name === 'rPh') phonetic += 1;
      },
      text(text) {
        if (runs > 0 && phonetic === 0) current += text;
      },
      close(name) {
        if (name === 't') runs = Math.max(0, runs - 1);
        else if (name === 'rPh') phonetic = Math.max(0, phonetic - 1);
        else if (name === 'si') {
          strings.push(current);
          total += current.length;
          if (total > maxSharedCharacters) writer.warn('STRINGS_LEFT_OUT', 'The workbook has too many texts: the rest was left out.');
          return total > maxSharedCharacters;
        }
        return false;
      },
    });
  return strings;
}

function workbookOf(archive: ZipArchive, main: string, writer: ReportWriter): Workbook {
  const parts = relationshipsOf(archive, main);
  const byId = new Map(parts.map(({ id, target }) => [id, target]));
  const read = (type: string): Uint8Array | null => archive.read(parts.find((part) => part.type === type)?.target ?? '');
  const sheets: Workbook['sheets'] = [];
  let calendar: Workbook['calendar'] = 1900;
  const bytes = archive.read(main);
  if (bytes !== null)
    scanXml(bytes, {
      open(name, attribute) {
        if (name === 'workbookPr' && /^(?:1|true)$/.test(attribute('date1904') ?? '')) calendar = 1904;
        const target = name === 'sheet' ? byId.get(attribute('r:id') ?? '') : undefined;
        if (target !== undefined) sheets.push({ name: attribute('name') ?? '', target });
      },
    });
  return { sheets, calendar, shared: sharedStrings(read('sharedStrings'), writer), formats: readCellFormats(read('styles')) };
}

/** Rows of a sheet as lines, cells apart by tabs, as last calculated (section 18.3). `line` returns true when it has enough. */
function readRows(bytes: Uint8Array, { shared, formats, calendar }: Workbook, line: (text: string) => boolean): void {
  let cells: string[] = [];
  let value = '';
  let type = '';
  let style = 0;
  let within = 0;
  scanXml(bytes, {
    open(name, attribute) {
      if (name === 'row') cells = [];
      else if (name === 'c') {
        value = '';
        type = attribute('t') ?? 'n';
        style = Number(attribute('s') ?? 0);
      } else if (name === 'v' || name === 't') within += 1;
    },
    text(text) {
      if (within > 0) value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') within = Math.max(0, within - 1);
      else if (name === 'c' && value !== '') {
        const shown = type === 's' ? (shared[Number(value)] ?? '') : type === 'n' ? showNumber(value, formats(style), calendar) : type === 'b' ? (value === '1' ? 'TRUE' : 'FALSE') : value;
        cells.push(shown.replaceAll(/[\r\n\t]+/g, ' '));
      } else if (name === 'row' && cells.length > 0) return line(cells.join('\t'));
      return false;
    },
  });
}

/** xlsx, xlsm: a page for each sheet, headed by its name; a sheet beyond 200,000 characters takes several. */
export function readSheets(archive: ZipArchive, main: string, writer: ReportWriter): void {
  const book = workbookOf(archive, main, writer);
  let page = 1;
  for (const { name, target } of book.sheets) {
    let lines: string[] = [name];
    let length = name.length;
    const turn = (): void => {
      writer.page(page, lines.join('\n'));
      page += 1;
      lines = [name];
      length = name.length;
    };
    const line = (text: string): boolean => {
      if (lines.length > 1 && length + text.length + 1 > maxPageCharacters) turn();
      lines.push(text);
      length += text.length + 1;
      return writer.room() <= 0;
    };
    const bytes = archive.read(target);
    if (bytes !== null && writer.room() > 0) readRows(bytes, book, line);
    for (const { type, target: beside } of relationshipsOf(archive, target)) {
      if (type !== 'comments' && type !== 'threadedComment') continue;
      const flow = createTextFlow();
      writeParagraphs(archive.read(beside) ?? new Uint8Array(), flow, writer.room());
      if (flow.length > 0) line(flow.toString());
    }
    turn();
    if (writer.room() <= 0) break;
  }
  writer.pageCount(Math.max(page - 1, book.sheets.length));
}

import type { TextReport } from '../contract.ts';
import { declaredEncoding, decodeText } from './decode-text.ts';
import { formatOf } from './format-of.ts';
import type { TextRequest } from './messages.ts';
import { ParseProblem, damaged } from './parse-problem.ts';
import { createReportWriter, type ReportWriter } from './report-writer.ts';

/** Parsers and their libraries are loaded by the first file that needs them. */
async function readInto(writer: ReportWriter, { content, mimeType, filename }: TextRequest): Promise<void> {
  if (content.length === 0) throw new ParseProblem('empty', 'EMPTY', 'The file has no content.');
  const format = formatOf(content, mimeType, filename);
  switch (format) {
    case 'pdf':
      return (await import('./pdf/pdf-text.ts')).readPdf(content, writer);
    case 'zip':
      return (await import('./office/read-zip.ts')).readZip(content, writer);
    case 'ole':
      return (await import('./office/read-ole.ts')).readOle(content, writer);
    case 'eml':
      return (await import('./mail/eml.ts')).readEml(content, writer);
    case 'rtf':
      return readRtf(content, writer, (await import('./rtf-text.ts')).rtfToPlain);
    case 'image':
      writer.pageCount(1);
      return writer.withoutText(1);
    case 'mislabelled':
      throw damaged('The file is not what its type says.');
    case 'media':
      throw new ParseProblem('unsupported', 'FORMAT_UNKNOWN', 'No text can be read from sound and film.');
    case 'html':
    case 'text': {
      const decoded = decodeText(content, declaredEncoding(content));
      if (decoded === null) throw new ParseProblem('unsupported', 'FORMAT_UNKNOWN', 'The file is no text, and none of the formats that are read.');
      writer.flow(format === 'text' ? decoded.text : (await import('./html-text.ts')).htmlToPlain(decoded.text, writer.room()));
    }
  }
}

function readRtf(content: Uint8Array, writer: ReportWriter, parse: typeof import('./rtf-text.ts').rtfToPlain): void {
  const parsed = parse(content, writer.room());
  if (parsed === null) throw damaged('The groups of the document are nested too deeply.');
  if (!parsed.isWhole && parsed.text.length <= writer.room()) throw damaged('The document breaks off.');
  writer.flow(parsed.text);
}

/** The text of a file, whatever it is; everything that is wrong with it ends in a status. */
export async function readText(request: TextRequest): Promise<TextReport> {
  const writer = createReportWriter(request);
  try {
    await readInto(writer, request);
  } catch (error) {
    const problem = error instanceof ParseProblem ? error : damaged('The file cannot be read: it is damaged.');
    writer.warn(problem.code, problem.message);
    return { ...writer.report(), status: problem.status, pages: [], withoutText: [] };
  }
  return writer.report();
}

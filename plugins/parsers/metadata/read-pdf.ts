import type { ParseStatus } from '../contract.ts';
import type { ToolTags } from '../exiftool/tool-tags.ts';
import { ParseProblem } from '../text/parse-problem.ts';
import { asText, cleanText } from './tag-values.ts';

export type PdfTags = { status: ParseStatus; tags: ToolTags };

/** `D:20020424101454+09'00'` (ISO 32000-1, section 7.9.4) as ExifTool writes it; anything else stays as it is. */
function dateOf(text: string): string {
  const match = /^(?:D:)?(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?/.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour = '00', minute = '00', second = '00', utc, hours, minutes = '00'] = match;
  return `${year}:${month}:${day} ${hour}:${minute}:${second}${utc ?? (hours === undefined ? '' : `${hours}:${minutes}`)}`;
}

const names: Readonly<Record<string, string>> = { CreationDate: 'CreateDate', ModDate: 'ModifyDate' };
const kept = new Set(['Title', 'Author', 'Subject', 'Keywords', 'Creator', 'Producer', 'CreationDate', 'ModDate']);

/** The information dictionary of a PDF, by pdf.js: where ExifTool is missing, or too slow because of the encryption. */
export async function readPdf(content: Uint8Array<ArrayBuffer>): Promise<PdfTags> {
  const none: ToolTags = { printed: {}, values: {}, warning: null, error: null };
  try {
    const { openPdf } = await import('../text/pdf/open-pdf.ts');
    const document = await openPdf(content);
    const { info } = (await document.getMetadata()) as unknown as { info: Record<string, unknown> };
    const entries = Object.entries(info).flatMap(([name, value]): [string, string][] => {
      const text = kept.has(name) ? asText(value) : null;
      return text === null ? [] : [[names[name] ?? name, name.endsWith('Date') ? dateOf(text) : cleanText(text)]];
    });
    const pdf = { ...Object.fromEntries(entries), PageCount: document.numPages };
    await document.cleanup();
    return { status: 'ok', tags: { ...none, printed: { PDF: pdf }, values: { PDF: pdf } } };
  } catch (error) {
    return { status: error instanceof ParseProblem ? error.status : 'damaged', tags: none };
  }
}

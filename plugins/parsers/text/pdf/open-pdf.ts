import { readFile } from 'node:fs/promises';
import { getDocumentProxy } from 'unpdf';
import { damaged, encrypted } from '../parse-problem.ts';

// pdf.js counts on a part of ECMAScript 2026 that Node 26 lacks. It adds whole numbers with it: a plain sum is as precise.
const math = Math as { sumPrecise?: (numbers: Iterable<number>) => number };
math.sumPrecise ??= (numbers) => {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
};

export type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/** pdf.js' errors are told apart by name: its classes do not leave the bundle. */
const nameOf = (error: unknown): string => (error as { name?: string } | null)?.name ?? '';

/**
 * Tables of East Asian encodings that a PDF may name instead of holding them (PDF 2.0, section 9.7.5.2), from where unpdf
 * finds those of pdf.js: the bundle would fetch them, and Node fetches no files. Where the optional package is not
 * installed such text is not read.
 */
class EncodingTables {
  readonly #folder: string | null;

  constructor({ cMapUrl = null }: { cMapUrl?: string | null }) {
    this.#folder = cMapUrl;
  }

  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    if (this.#folder === null || kind !== 'cMapUrl' || !/^[\w-]{1,60}\.bcmap$/.test(filename)) throw new Error('Only tables of encodings are at hand.');
    return new Uint8Array(await readFile(new URL(filename, this.#folder)));
  }
}

/**
 * Opens a PDF for its text: no script, no font of the system, no picture larger than a page is ever decoded. The
 * content moves into the document.
 *
 * @throws ParseProblem `encrypted` when the empty password does not open it; `damaged`
 */
export async function openPdf(content: Uint8Array): Promise<PdfDocument> {
  try {
    return await getDocumentProxy(content, { useSystemFonts: false, stopAtErrors: false, maxImageSize: 1, verbosity: 0, enableXfa: false, useWasm: false, useWorkerFetch: false, BinaryDataFactory: EncodingTables });
  } catch (error) {
    if (nameOf(error) === 'PasswordException') throw encrypted();
    throw damaged('The PDF cannot be opened: it is damaged or cut off.');
  }
}

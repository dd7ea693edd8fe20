/** What a classifier looks at; whatever is not known is null. */
export interface DocumentFacts {
  text: string;
  filename: string | null;
  /** Sniffed. */
  mimeType: string | null;
  pageCount: number | null;
  image: { width: number; height: number; camera: boolean; exposure: boolean; gps: boolean; software: string | null; alpha: boolean; dpi: number | null } | null;
}

/** Shape of a text's lines, as shares from 0 to 1 of the lines that are not empty. */
export interface Layout {
  lines: number;
  amounts: number;
  code: number;
  labels: number;
  delimited: number;
  bullets: number;
  yearRanges: number;
  meanLineCharacters: number;
  /** Amounts behind a date at the line's beginning, as statements of accounts have them. */
  bookings: number;
  mailHeaders: number;
  /** Lines of a machine-readable zone (ICAO 9303). */
  mrz: number;
}

/** Enough to tell what a document is. */
export const readCharacters = 24_000;
const mostLines = 600;
const shapes = {
  amounts: /\d{1,3}(?:[.,' ]\d{3})*[.,]\d{2}(?: ?(?:€|\$|£|EUR|USD|GBP|CHF|%|-|[A-Z]))?\s*$/,
  code: /(?:[;{}]\s*$|^\s*(?:import |from \S+ import|#include|def |class |function |const |let |var |public |private |return\b|if ?\(|for ?\(|while ?\(|else\b|end$|fn |func |package |using |<\/?[a-z][\w-]*[ >]|\/\/|\/\*|\*\/|@\w+|SELECT |CREATE TABLE))|=>|\)\s*\{$|^\s*[\w.]+\(.*\)[;:]?\s*$/,
  labels: /^[^:]{2,40}:\s*(?:[_.…]{3,}.*|\[ ?\].*)?$|[_…]{4,}|\.{6,}\s*$|[☐☑□]/,
  delimited: /^(?:[^,;\t|]*[,;\t|]){2,}[^,;\t|]*$/,
  bullets: /^\s*(?:[•●▪–*-]|\d{1,2}[.)])\s/,
  yearRanges: /\b(?:19|20)\d{2}\s*[-–—/]\s*(?:(?:\d{2}[./])?(?:19|20)\d{2}|present|now|today|heute|aujourd|actual|presente|oggi)/i,
  bookings: /^\s*\d{1,4}[./-]\d{1,2}(?:[./-]\d{0,4})?\s.*\d[.,]\d{2}(?:\s?[+-]|\s?(?:EUR|€|\$|S|H|CR|DR))?\s*$/,
  mailHeaders: /^(?:From|To|Cc|Subject|Date|Sent|Received|Message-ID|Return-Path|Reply-To|Von|An|Betreff|Gesendet|De|À|Objet|Envoyé|Para|Asunto|Enviado|Da|A|Oggetto|Inviato) ?:\s\S/i,
  mrz: /^[A-Z0-9<]{28,44}$/,
} as const;

/** Counts what the lines of a text look like, over at most 600 of them. */
export function layoutOf(text: string): Layout {
  const lines = text.slice(0, readCharacters).split(/\r?\n/, mostLines).map((line) => line.slice(0, 400)).filter((line) => line.trim() !== '');
  const share = (shape: RegExp): number => (lines.length === 0 ? 0 : lines.filter((line) => shape.test(line)).length / lines.length);
  return {
    lines: lines.length,
    amounts: share(shapes.amounts),
    code: share(shapes.code),
    labels: share(shapes.labels),
    delimited: share(shapes.delimited),
    bullets: share(shapes.bullets),
    yearRanges: lines.filter((line) => shapes.yearRanges.test(line)).length,
    meanLineCharacters: lines.length === 0 ? 0 : lines.reduce((sum, line) => sum + line.length, 0) / lines.length,
    bookings: lines.filter((line) => shapes.bookings.test(line)).length,
    mailHeaders: lines.slice(0, 40).filter((line) => shapes.mailHeaders.test(line)).length,
    mrz: lines.filter((line) => shapes.mrz.test(line) && line.includes('<<')).length,
  };
}

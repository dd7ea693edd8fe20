import { normalised } from '../report-writer.ts';
import type { PdfDocument } from './open-pdf.ts';

/** A run of characters that were shown together, and where. */
export interface TextRun {
  /** Offsets into the page's text, in UTF-16 code units. */
  start: number;
  end: number;
  /** From text space to points, origin at the bottom left (PDF 2.0, section 9.4.4): its last two numbers are where the run begins. */
  transform: readonly number[];
  /** Along the writing direction, in points. */
  width: number;
  height: number;
  isVertical: boolean;
}

export interface PageText {
  text: string;
  runs: TextRun[];
  /** Bottom left and top right of what is seen, and the clockwise turn in degrees. */
  view: readonly number[];
  rotate: number;
}

/**
 * The text of a page in the order of its content, lines apart by line feeds. What is said about offsets into a PDF's
 * text holds for this function; whoever reads and whoever redacts share it.
 */
export async function pageTextOf(document: PdfDocument, page: number): Promise<PageText> {
  const proxy = await document.getPage(page);
  try {
    const { items, styles } = await proxy.getTextContent({ includeMarkedContent: false });
    const runs: TextRun[] = [];
    let text = '';
    for (const item of items) {
      if (!('str' in item)) continue;
      // Keeps the length: there are no line ends in a run.
      const shown = normalised(item.str.replaceAll('\r', ' '));
      if (shown !== '') runs.push({ start: text.length, end: text.length + shown.length, transform: item.transform as number[], width: item.width, height: item.height, isVertical: styles[item.fontName]?.vertical === true });
      text += item.hasEOL ? `${shown}\n` : shown;
    }
    return { text, runs, view: proxy.view, rotate: proxy.rotate };
  } finally {
    proxy.cleanup();
  }
}

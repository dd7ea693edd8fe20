import type { RecognisedWord } from '../contract.ts';
import type { TesseractBlock } from './reading-thread.ts';

export interface PageText {
  text: string;
  /** Mean over the words, 0 to 1; 0 without any. */
  confidence: number;
  words: RecognisedWord[];
}

/** Below this a word is a speck, a frame or a pattern. In percent. */
const leastConfidence = 10;
/** More than any page has; what comes after it is texture. */
const maxWords = 20_000;

const round = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * The text of a page in reading order: words parted by a space, lines by a line feed, paragraphs by an empty line. Every
 * word knows where in the text it stands, and where on the page.
 *
 * @param scale of the picture that was asked about to the one that was read
 */
export function pageTextOf(blocks: readonly TesseractBlock[], scale: { x: number; y: number }): PageText {
  const words: RecognisedWord[] = [];
  let text = '';
  let confidences = 0;
  for (const paragraph of blocks.flatMap((block) => block.paragraphs)) {
    let separator = text === '' ? '' : '\n\n';
    for (const line of paragraph.lines) {
      for (const { text: found, confidence, bbox } of line.words) {
        const word = found.trim();
        if (word === '' || confidence < leastConfidence || words.length >= maxWords) continue;
        text += separator;
        separator = ' ';
        const start = text.length;
        text += word;
        const x = Math.floor(bbox.x0 * scale.x);
        const y = Math.floor(bbox.y0 * scale.y);
        const sure = Math.min(1, confidence / 100);
        confidences += sure;
        words.push({ text: word, confidence: round(sure), start, end: text.length, x, y, width: Math.ceil(bbox.x1 * scale.x) - x, height: Math.ceil(bbox.y1 * scale.y) - y });
      }
      if (separator === ' ') separator = '\n';
    }
  }
  return { text, confidence: words.length === 0 ? 0 : round(confidences / words.length), words };
}

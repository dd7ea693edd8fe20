import type { Box } from '../pages/pdfium.ts';
import type { PageText, TextRun } from '../text/pdf/page-text.ts';
import type { Span } from '../pages/messages.ts';

/** Of the height of the letters: below the line, above it, and to both sides, where glyphs reach out of their boxes. */
const below = 0.28;
const above = 1.02;
const beside = 0.12;

const around = (points: readonly (readonly [x: number, y: number])[]): Box => ({
  left: Math.min(...points.map(([x]) => x)),
  right: Math.max(...points.map(([x]) => x)),
  bottom: Math.min(...points.map(([, y]) => y)),
  top: Math.max(...points.map(([, y]) => y)),
});

/** The whole run, however it is turned: from the start of its line to its end, from below its letters to above them. */
export function boxOf({ transform, width, height, isVertical }: TextRun): Box {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = transform;
  const along = Math.hypot(a, b) || 1;
  const up = Math.hypot(c, d) || 1;
  const [ux, uy, vx, vy] = [a / along, b / along, c / up, d / up];
  const size = Math.max(up, isVertical ? 0 : height, 1);
  // Vertical writing goes down, with the line in the middle of its letters.
  const [from, to, low, high] = isVertical ? [-0.75 * size, 0.75 * size, -Math.max(height, size) - size, size] : [-beside * size, width + beside * size, -below * size, above * size];
  return around([from, to].flatMap((u) => [low, high].map((v) => [x + u * ux + v * vx, y + u * uy + v * vy] as const)));
}

const within = ({ left, right, bottom, top }: Box, box: Box): boolean => {
  const x = (box.left + box.right) / 2;
  const y = (box.bottom + box.top) / 2;
  return x >= left && x <= right && y >= bottom && y <= top;
};

/** Stand-ins of PDFium for a hyphen that it takes for a mere line break. */
const hyphens = new Set([0x02, 0xad, 0xfffe]);
/** A glyph may stand for several letters, as pdf.js tells them: the ligature of f and i is both. */
const lettersOf = (code: number): string[] => (hyphens.has(code) ? '-' : String.fromCodePoint(code).normalize('NFKC')).split('');

/**
 * Where some characters of a run stand. Two programs have to agree on its letters for that; where they do not (an
 * encoding of its own), the whole run is covered: rather too much than too little.
 */
function partOf(run: TextRun, text: string, start: number, end: number, characters: readonly { code: number; box: Box }[]): Box {
  const whole = boxOf(run);
  const letters: number[] = [];
  for (let at = run.start; at < run.end; at += 1) if (!/\s/.test(text[at] as string)) letters.push(at);
  const glyphs = characters
    .filter(({ code, box }) => (code > 32 || hyphens.has(code)) && code !== 0xa0 && code <= 0x10ffff && within(whole, box))
    .flatMap(({ code, box }) => lettersOf(code).map((letter) => ({ letter, box })));
  const agree = glyphs.length === letters.length && glyphs.every(({ letter }, index) => letter === text[letters[index] as number]);
  if (!agree || run.isVertical) return whole;
  const hidden = glyphs.filter((_, index) => (letters[index] as number) >= start && (letters[index] as number) < end);
  if (hidden.length === 0) return whole;
  const tight = around(hidden.flatMap(({ box }) => [[box.left, box.bottom] as const, [box.right, box.top] as const]));
  const upright = Math.abs(run.transform[1] ?? 0) < 1e-6 && (run.transform[0] ?? 0) > 0;
  const pad = beside * Math.max(run.height, 1);
  // The height of the whole line does not tell which letters stood there.
  if (upright) return { left: tight.left - pad, right: tight.right + pad, bottom: Math.min(tight.bottom, whole.bottom), top: Math.max(tight.top, whole.top) };
  return whole;
}

/** Boxes in points of the page’s own coordinates over everything the spans hold. Spans lie within the text. */
export function coveredBoxes({ text, runs }: PageText, spans: readonly Span[], characters: readonly { code: number; box: Box }[]): Box[] {
  const boxes: Box[] = [];
  for (const { start, end } of spans) {
    for (const run of runs) {
      if (run.end <= start || run.start >= end) continue;
      const inside = start <= run.start && end >= run.end;
      boxes.push(inside ? boxOf(run) : partOf(run, text, Math.max(start, run.start), Math.min(end, run.end), characters));
    }
  }
  return boxes;
}

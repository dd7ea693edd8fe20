import type { GreyPicture } from '../services/grey-picture.ts';

/** Darker than that is ink. */
const ink = 160;
/** Longer than any stroke of a letter at 210 dpi, and shorter than a cell. */
const leastLength = 100;
/** Two points. What is thicker is no rule but a bar, or a letter of a heading. */
const mostThickness = 7;

/** A direction to look along; strides are between neighbours in `data`. */
interface Direction {
  lines: number;
  length: number;
  alongStride: number;
  acrossStride: number;
}

/**
 * Makes the rules of tables and forms white. Tesseract takes a ruled table for a drawing, and leaves out most of what
 * stands in its cells. Where a letter stands on a rule it stays, and so
 * does a speck where two rules cross.
 */
export function eraseRules({ data, width, height }: GreyPicture): void {
  // found before any is erased, as rules cross
  const rules = new Uint8Array(data.length);
  findRules(data, rules, { lines: height, length: width, alongStride: 1, acrossStride: width });
  findRules(data, rules, { lines: width, length: height, alongStride: width, acrossStride: 1 });
  for (let at = 0; at < data.length; at += 1) if (rules[at] === 1) data[at] = 255;
}

function findRules(data: Uint8Array, rules: Uint8Array, direction: Direction): void {
  const { lines, length, alongStride, acrossStride } = direction;
  for (let line = 0; line < lines; line += 1) {
    const first = line * acrossStride;
    let run = 0;
    for (let along = 0; along <= length; along += 1) {
      if (along < length && (data[first + along * alongStride] as number) < ink) {
        run += 1;
        continue;
      }
      if (run >= leastLength) for (let there = along - run; there < along; there += 1) mark(data, rules, direction, line, first + there * alongStride);
      run = 0;
    }
  }
}

/** Marks a pixel of a run and what is across it, where that is thin, with the lighter edge on both sides. */
function mark(data: Uint8Array, rules: Uint8Array, { lines, acrossStride }: Direction, line: number, at: number): void {
  let before = 0;
  while (before < mostThickness && before < line && (data[at - (before + 1) * acrossStride] as number) < ink) before += 1;
  let after = 0;
  while (before + after < mostThickness && line + after + 1 < lines && (data[at + (after + 1) * acrossStride] as number) < ink) after += 1;
  if (before + after + 1 > mostThickness) return;
  const from = Math.max(-line, -before - 1);
  const to = Math.min(lines - 1 - line, after + 1);
  for (let across = from; across <= to; across += 1) rules[at + across * acrossStride] = 1;
}

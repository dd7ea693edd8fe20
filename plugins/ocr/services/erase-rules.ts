/** A grey picture, 8 bits a pixel, in rows from the top. */
export interface GreyPicture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Darker than that is ink. */
const ink = 160;
/** Longer than any stroke of a letter at 210 dpi, and shorter than a cell. */
const leastLength = 100;
/** A rule of two points. Thicker is no rule but a bar or a heading's letter. */
const mostThickness = 7;
/** What is left of a rule's edge is lighter than ink. */
const halo = 1;

/**
 * Makes the rules of tables and forms white: Tesseract takes a ruled table for a picture, or its rules for letters, and
 * leaves out what stands in the cells.
 */
export function eraseRules({ data, width, height }: GreyPicture): void {
  const erase: [at: number, count: number, stride: number][] = [];
  findRules(data, { lines: height, length: width, alongStride: 1, acrossStride: width }, erase);
  findRules(data, { lines: width, length: height, alongStride: width, acrossStride: 1 }, erase);
  // found before any is erased, as rules cross
  for (const [at, count, stride] of erase) for (let step = 0, pixel = at; step < count; step += 1, pixel += stride) data[pixel] = 255;
}

/** A direction to look along; strides are between neighbours in `data`. */
interface Direction {
  lines: number;
  length: number;
  alongStride: number;
  acrossStride: number;
}

function findRules(data: Uint8Array, { lines, length, alongStride, acrossStride }: Direction, erase: [number, number, number][]): void {
  for (let line = 0; line < lines; line += 1) {
    const first = line * acrossStride;
    let run = 0;
    for (let along = 0; along <= length; along += 1) {
      if (along < length && (data[first + along * alongStride] as number) < ink) {
        run += 1;
        continue;
      }
      if (run >= leastLength) mark(data, { line, lines, acrossStride, alongStride, first, from: along - run, to: along }, erase);
      run = 0;
    }
  }
}

/** Erases of a run only where it is thin: where a letter stands on the rule, the letter stays. */
function mark(data: Uint8Array, { line, lines, acrossStride, alongStride, first, from, to }: { line: number; lines: number; acrossStride: number; alongStride: number; first: number; from: number; to: number }, erase: [number, number, number][]): void {
  for (let along = from; along < to; along += 1) {
    const at = first + along * alongStride;
    let above = 0;
    while (above <= mostThickness && line - above - 1 >= 0 && (data[at - (above + 1) * acrossStride] as number) < ink) above += 1;
    let below = 0;
    while (below + above <= mostThickness && line + below + 1 < lines && (data[at + (below + 1) * acrossStride] as number) < ink) below += 1;
    if (above + below + 1 > mostThickness) continue;
    const up = Math.min(above + halo, line);
    const down = Math.min(below + halo, lines - 1 - line);
    erase.push([at - up * acrossStride, up + down + 1, acrossStride]);
  }
}

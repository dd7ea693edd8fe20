export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Pixels in rows from the top, 8 bits a channel. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: number;
}

/**
 * Makes areas black and opaque. One pass over the rows, in which the edges of the areas are counted: however many
 * areas there are and however they overlap, no pixel is written twice.
 *
 * @param grid areas are widened to multiples of this many pixels
 */
export function blackOut({ data, width, height, channels }: Pixels, areas: readonly Area[], grid = 1): void {
  const hasAlpha = channels === 2 || channels === 4;
  const blackRow = new Uint8Array(width * channels);
  if (hasAlpha) for (let at = channels - 1; at < blackRow.length; at += channels) blackRow[at] = 255;

  const starting = Map.groupBy(within(areas, width, height, grid), ({ top }) => top);
  const ending = Map.groupBy([...starting.values()].flat(), ({ bottom }) => bottom);
  // at a column: by how much the number of areas that cover it differs from that of the column before
  const steps = new Int32Array(width + 1);
  let spans: [from: number, to: number][] = [];
  for (let y = 0; y < height; y += 1) {
    const begin = starting.get(y) ?? [];
    const end = ending.get(y) ?? [];
    for (const { left, right } of begin) step(steps, left, right, 1);
    for (const { left, right } of end) step(steps, left, right, -1);
    if (begin.length + end.length > 0) spans = coveredBy(steps);
    for (const [from, to] of spans) data.set(blackRow.subarray(from * channels, to * channels), (y * width + from) * channels);
  }
}

function step(steps: Int32Array, left: number, right: number, by: 1 | -1): void {
  steps[left] = (steps[left] ?? 0) + by;
  steps[right] = (steps[right] ?? 0) - by;
}

function coveredBy(steps: Int32Array): [number, number][] {
  const spans: [number, number][] = [];
  let depth = 0;
  let from = 0;
  for (let x = 0; x < steps.length; x += 1) {
    const before = depth;
    depth += steps[x] ?? 0;
    if (before === 0 && depth > 0) from = x;
    if (before > 0 && depth === 0) spans.push([from, x]);
  }
  return spans;
}

/** The parts of the areas that lie on the picture. */
function within(areas: readonly Area[], width: number, height: number, grid: number) {
  const down = (value: number, most: number): number => Math.min(most, Math.max(0, Math.floor(value / grid) * grid));
  const up = (value: number, most: number): number => Math.min(most, Math.max(0, Math.ceil(value / grid) * grid));
  return areas
    .map(({ x, y, width: across, height: tall }) => ({ left: down(x, width), right: up(x + across, width), top: down(y, height), bottom: up(y + tall, height) }))
    .filter(({ left, right, top, bottom }) => left < right && top < bottom);
}

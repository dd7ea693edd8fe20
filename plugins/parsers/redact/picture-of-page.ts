import { packPixels, type PackedPixels } from '../pages/pack-pixels.ts';
import type { Area } from '../pages/messages.ts';
import type { Box, PdfPage } from '../pages/pdfium.ts';

const dotsPerPoint = 200 / 72;
const maxEdge = 4096;

export interface PagePicture {
  pixels: PackedPixels;
  /** In points, as the page is seen. */
  width: number;
  height: number;
}

/** Black, whole pixels and one more on each side: none keeps a trace of what it covered. */
function blacken(rgba: Uint8Array, width: number, height: number, from: { x: number; y: number }, to: { x: number; y: number }): void {
  const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));
  const left = clamp(Math.floor(Math.min(from.x, to.x)) - 1, width);
  const right = clamp(Math.ceil(Math.max(from.x, to.x)) + 1, width);
  const top = clamp(Math.floor(Math.min(from.y, to.y)) - 1, height);
  const bottom = clamp(Math.ceil(Math.max(from.y, to.y)) + 1, height);
  for (let y = top; y < bottom; y += 1) for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) rgba.fill(0, at, at + 3);
}

/** A page at 200 dots an inch without its annotations, black where the boxes and areas are. Null when it cannot be shown. */
export function pictureOfPage(page: PdfPage, boxes: readonly Box[], areas: readonly Area[]): PagePicture | null {
  if (!(page.width > 0 && page.height > 0)) return null;
  const scale = Math.min(dotsPerPoint, maxEdge / Math.max(page.width, page.height));
  const width = Math.max(1, Math.round(page.width * scale));
  const height = Math.max(1, Math.round(page.height * scale));
  const rgba = page.render(width, height, false);
  for (const { left, bottom, right, top } of boxes) blacken(rgba, width, height, page.toPixel(left, bottom, width, height), page.toPixel(right, top, width, height));
  for (const { x, y, width: wide, height: high, of } of areas) {
    const [toX, toY] = [width / (of?.width ?? page.width), height / (of?.height ?? page.height)];
    blacken(rgba, width, height, { x: x * toX, y: y * toY }, { x: (x + wide) * toX, y: (y + high) * toY });
  }
  return { pixels: packPixels(rgba, width, height), width: page.width, height: page.height };
}

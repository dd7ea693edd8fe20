import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import sharp from 'sharp';
import { getDocumentProxy } from 'unpdf';

const { resolve } = createRequire(import.meta.url);

export interface RenderedPage {
  png: Buffer<ArrayBuffer>;
  width: number;
  height: number;
  /** The text layer. */
  text: string;
}

const textOf = (items: readonly object[]): string => items.map((item) => ('str' in item ? `${String(item.str)}${'hasEOL' in item && item.hasEOL === true ? '\n' : ''}` : '')).join('');

/** Pages of a PDF in a package of test data, as a scanner would have seen them. Pages count from 1. */
export async function renderPages(pkg: string, path: string, pages: readonly number[], maxEdge: number): Promise<RenderedPage[]> {
  const library = await PDFiumLibrary.init();
  const content = await readFile(join(dirname(resolve(`${pkg}/package.json`)), path));
  const document = await library.loadDocument(content);
  // pdf.js has the text, as pdfium's WebAssembly falls over on some text layers; its warnings are about fonts
  const layers = await getDocumentProxy(new Uint8Array(content), { verbosity: 0 });
  try {
    const rendered: RenderedPage[] = [];
    for (const number of pages) {
      const page = document.getPage(number - 1);
      const { originalWidth, originalHeight } = page.getOriginalSize();
      const { data, width, height } = await page.render({
        scale: maxEdge / Math.max(originalWidth, originalHeight),
        render: async (bitmap) => sharp(bitmap.data, { raw: { width: bitmap.width, height: bitmap.height, channels: 4 } }).flatten({ background: '#ffffff' }).png().toBuffer(),
      });
      rendered.push({ png: Buffer.from(data), width, height, text: textOf((await (await layers.getPage(number)).getTextContent()).items) });
    }
    return rendered;
  } finally {
    document.destroy();
    library.destroy();
  }
}

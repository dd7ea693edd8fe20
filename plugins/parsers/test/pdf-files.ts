import { deflateSync } from 'node:zlib';
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';

/** A PDF by its objects, numbered from 1, the first being the catalogue. */
export function rawPdf(objects: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let at = 9;
  const push = (part: Uint8Array): void => {
    parts.push(part);
    at += part.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(at);
    push(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), typeof object === 'string' ? Buffer.from(object, 'latin1') : object, Buffer.from('\nendobj\n')]));
  }
  const xref = at;
  push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`));
  return new Uint8Array(Buffer.concat(parts));
}

export const flateStream = (content: Uint8Array, dictionary = ''): Uint8Array => {
  const packed = deflateSync(content, { level: 9 });
  return Buffer.concat([Buffer.from(`<</Filter/FlateDecode/Length ${packed.length}${dictionary}>>\nstream\n`), packed, Buffer.from('\nendstream')]);
};

/** A page of this content, with Helvetica as /F1. */
export const onePage = (content: Uint8Array, resources = '/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>'): Uint8Array<ArrayBuffer> =>
  rawPdf(['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<${resources}>>>>`, flateStream(content)]);

/** Pages of lines of text in Helvetica, 12 points, from the top. */
export async function textPdf(pages: readonly (readonly string[])[], finish: (document: PDFDocument) => void | Promise<void> = () => undefined): Promise<Uint8Array<ArrayBuffer>> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (const lines of pages) {
    const page = document.addPage([612, 792]);
    for (const [at, line] of lines.entries()) page.drawText(line, { x: 72, y: 720 - at * 24, size: 12, font });
  }
  await finish(document);
  return new Uint8Array(await document.save());
}

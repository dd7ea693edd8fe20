import { PDFDict, PDFDocument, PDFName, PDFStream, type PDFObject } from '@cantoo/pdf-lib';
import type { PagePicture } from './picture-of-page.ts';
import { UnclearPage, createResourcePruner } from './used-resources.ts';

const key = (name: string): PDFName => PDFName.of(name);

/** Of a page: what is laid over it, done by it, or said of it. */
const pageExtras = ['Annots', 'AA', 'Metadata', 'PieceInfo', 'Thumb', 'B', 'StructParents', 'Tabs', 'LastModified', 'PresSteps', 'ID', 'AF', 'DPart', 'SeparationInfo', 'Trans', 'Dur', 'TemplateInstantiated'];
/** Of anything that a page draws: descriptions, private data of programs, originals of pictures, links to the structure. */
const objectExtras = ['Metadata', 'PieceInfo', 'LastModified', 'OPI', 'Alternates', 'StructParent', 'StructParents', 'AF', 'Ref', 'Measure', 'PtData'];

function clean(document: PDFDocument): void {
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    const dict = object instanceof PDFStream ? object.dict : object;
    if (dict instanceof PDFDict) for (const name of objectExtras) dict.delete(key(name));
  }
}

function drawPicture(document: PDFDocument, { pixels, width, height }: PagePicture): void {
  const page = document.addPage([width, height]);
  const { context } = document;
  const image = context.stream(pixels.data, {
    Type: 'XObject',
    Subtype: 'Image',
    Width: pixels.width,
    Height: pixels.height,
    ColorSpace: pixels.channels === 1 ? 'DeviceGray' : 'DeviceRGB',
    BitsPerComponent: 8,
    Filter: 'FlateDecode',
    DecodeParms: { Predictor: 15, Colors: pixels.channels, BitsPerComponent: 8, Columns: pixels.width },
  });
  page.node.set(key('Resources'), context.obj({ XObject: { Page: context.register(image) } }));
  page.node.set(key('Contents'), context.register(context.stream(`q ${width} 0 0 ${height} 0 0 cm /Page Do Q`)));
}

/** What a copied page needs of the document, and no more; an `UnclearPage` is better shown as a picture. */
export function pruneSource(source: PDFDocument, isPicture: (page: number) => boolean, makePicture: (page: number) => void): void {
  clean(source);
  const prune = createResourcePruner();
  for (const [index, page] of source.getPages().entries()) {
    if (isPicture(index + 1)) continue;
    for (const name of pageExtras) page.node.delete(key(name));
    try {
      const resources: PDFObject | undefined = page.node.Resources();
      // Inherited ones become the page’s own.
      if (resources !== undefined) page.node.set(key('Resources'), resources);
      prune(page.node, page.node.Contents());
    } catch (error) {
      if (!(error instanceof UnclearPage)) throw error;
      makePicture(index + 1);
    }
  }
}

/** A new document of the pictures and of copies of the other pages: no metadata, attachments, forms, scripts, bookmarks, structure. */
export async function rebuildPdf(source: PDFDocument, pictures: ReadonlyMap<number, PagePicture>): Promise<Uint8Array> {
  const made = await PDFDocument.create({ updateMetadata: false });
  const kept = source.getPageIndices().filter((index) => !pictures.has(index + 1));
  const copies = (await made.copyPages(source, kept)).values();
  for (const index of source.getPageIndices()) {
    const picture = pictures.get(index + 1);
    if (picture !== undefined) drawPicture(made, picture);
    else made.addPage(copies.next().value);
  }
  return await made.save({ useObjectStreams: true, addDefaultPage: false, updateFieldAppearances: false });
}

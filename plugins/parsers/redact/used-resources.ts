import { PDFArray, PDFDict, PDFName, PDFRawStream, PDFRef, PDFStream, decodePDFRawStream, type PDFObject } from '@cantoo/pdf-lib';

/** Thrown when it cannot be told what a page needs: it is better shown as a picture. */
export class UnclearPage extends Error {}

const categories = ['ExtGState', 'ColorSpace', 'Pattern', 'Shading', 'XObject', 'Font', 'Properties'];
const maxContentBytes = 67_108_864;
const maxStreams = 2000;

const key = (name: string): PDFName => PDFName.of(name);

function contentOf(stream: PDFObject | undefined): string {
  if (!(stream instanceof PDFRawStream)) throw new UnclearPage('a content stream that is none');
  try {
    const bytes = decodePDFRawStream(stream).decode();
    if (bytes.length > maxContentBytes) throw new UnclearPage('too much content');
    return new TextDecoder('latin1').decode(bytes);
  } catch (cause) {
    throw new UnclearPage('a content stream that cannot be decoded', { cause });
  }
}

/** Every name that content mentions, wherever it does (PDF 2.0, section 7.3.5): never too few. */
const namesIn = (content: string): string[] => [...content.matchAll(/\/([^\s()<>[\]{}/%]*)/g)].map(([, name = '']) => name.replaceAll(/#([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));

const nameOf = (name: PDFName): string => name.decodeText();
const isForm = (object: PDFObject | undefined): object is PDFRawStream => object instanceof PDFRawStream && (nameOf((object.dict.lookup(key('Subtype')) as PDFName | undefined) ?? key('')) === 'Form' || object.dict.lookup(key('PatternType')) !== undefined);

/**
 * Reduces the resources of a page, and of the forms, patterns and fonts that it draws, to what their content mentions.
 * Many programs let all pages share one dictionary: with it a copy of one page would carry what others show.
 */
export function createResourcePruner(): (page: PDFDict, contents: PDFObject | undefined) => void {
  const done = new Set<PDFObject>();
  let streams = 0;

  function prune(owner: PDFDict, resources: PDFDict, content: string): void {
    const names = new Set(namesIn(content));
    const own = resources.clone();
    for (const category of categories) {
      const entries = resources.lookup(key(category));
      if (!(entries instanceof PDFDict)) continue;
      own.set(key(category), entries.clone());
    }
    for (let before = -1; before !== names.size; ) {
      before = names.size;
      for (const [name, value] of entriesOf(resources, 'XObject')) {
        const object = resources.context.lookup(value);
        // A form without resources takes those of the page.
        if (names.has(nameOf(name)) && isForm(object) && !(object.dict.lookup(key('Resources')) instanceof PDFDict)) for (const used of namesIn(contentOf(object))) names.add(used);
      }
    }
    for (const category of categories) {
      const kept = own.lookup(key(category));
      if (!(kept instanceof PDFDict)) continue;
      for (const [name] of kept.entries()) if (!names.has(nameOf(name))) kept.delete(name);
      for (const [, value] of kept.entries()) descend(resources.context.lookup(value));
    }
    own.delete(key('ProcSet'));
    owner.set(key('Resources'), own);
  }

  function descend(object: PDFObject | undefined): void {
    const dict = object instanceof PDFStream ? object.dict : object;
    if (object === undefined || !(dict instanceof PDFDict) || done.has(object)) return;
    done.add(object);
    streams += 1;
    if (streams > maxStreams) throw new UnclearPage('too many forms');
    // A layer that is switched off would be seen in the copy, whose document knows no layers.
    const type = dict.lookup(key('Type'));
    if (dict.has(key('OC')) || (type instanceof PDFName && (nameOf(type) === 'OCG' || nameOf(type) === 'OCMD'))) throw new UnclearPage('a layer');
    const resources = dict.lookup(key('Resources'));
    const glyphs = dict.lookup(key('CharProcs'));
    if (glyphs instanceof PDFDict && resources instanceof PDFDict) prune(dict, resources, glyphs.values().map((glyph) => contentOf(dict.context.lookup(glyph))).join('\n'));
    else if (isForm(object) && resources instanceof PDFDict) prune(dict, resources, contentOf(object));
  }

  return (page, contents) => {
    const resources = page.lookup(key('Resources'));
    if (!(resources instanceof PDFDict)) return;
    const parts = contents instanceof PDFArray ? contents.asArray() : contents === undefined ? [] : [contents];
    prune(page, resources, parts.map((part) => contentOf(part instanceof PDFRef ? page.context.lookup(part) : part)).join('\n'));
  };
}

function entriesOf(resources: PDFDict, category: string): [PDFName, PDFObject][] {
  const entries = resources.lookup(key(category));
  return entries instanceof PDFDict ? entries.entries() : [];
}

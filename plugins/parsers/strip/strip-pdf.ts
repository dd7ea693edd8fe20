import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFObject, PDFRawStream, PDFRef, PDFStream } from '@cantoo/pdf-lib';
import { damaged, encrypted } from '../text/parse-problem.ts';
import { cleanPicture } from './clean-picture.ts';

const key = (name: string): PDFName => PDFName.of(name);

/** Entries that describe a document or let it act, but show nothing (ISO 32000-1, sections 7.7.2, 12.6, 14.3 and 14.5). */
const catalogEntries = ['Metadata', 'PieceInfo', 'AA', 'AF', 'Perms', 'Legal', 'DSS', 'Collection', 'SpiderInfo', 'Threads', 'OpenAction'] as const;
/** Of any dictionary: pages, pictures, annotations. */
const anyEntries = ['Metadata', 'PieceInfo', 'LastModified', 'AA', 'AF'] as const;
/** Who wrote an annotation, and when (section 12.5.6.2). */
const annotationEntries = ['M', 'CreationDate', 'NM'] as const;
const actions = new Set(['JavaScript', 'Launch', 'SubmitForm', 'ImportData', 'GoToE', 'RichMediaExecute']);

const nameOf = (value: PDFObject | undefined): string => (value instanceof PDFName ? value.decodeText() : '');

async function open(content: Uint8Array): Promise<PDFDocument> {
  const options = { updateMetadata: false, throwOnInvalidObject: false } as const;
  try {
    return await PDFDocument.load(content, options);
  } catch (error) {
    if (!/encrypt/i.test(String((error as Error).message))) throw damaged('The PDF cannot be rewritten: it is damaged.');
  }
  try {
    // Many forbid only printing and open with the empty password.
    return await PDFDocument.load(content, { ...options, password: '' });
  } catch {
    throw encrypted();
  }
}

/** Everything that can be reached from the catalogue; without recursion, since files may be nested as deep as they like. */
function reachable(document: PDFDocument): Set<PDFRef> {
  const { context } = document;
  const seen = new Set<PDFRef>();
  const todo: PDFObject[] = [context.trailerInfo.Root as PDFObject];
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    if (item instanceof PDFRef) {
      if (seen.has(item)) continue;
      seen.add(item);
      const target = context.lookup(item);
      if (target !== undefined) todo.push(target);
    } else if (item instanceof PDFArray) todo.push(...item.asArray());
    else if (item instanceof PDFDict) todo.push(...item.values());
    else if (item instanceof PDFStream) todo.push(...item.dict.values());
  }
  return seen;
}

/** Drops what a dictionary says without showing it. */
function cleanDictionary(dict: PDFDict, removed: Set<string>): void {
  const drop = (name: string): void => void (dict.delete(key(name)) && removed.add(name));
  for (const name of anyEntries) drop(name);
  const subtype = nameOf(dict.get(key('Subtype')));
  const isAnnotation = dict.has(key('Rect')) && subtype !== '';
  if (isAnnotation) {
    for (const name of annotationEntries) drop(name);
    // Of a field it is the name by which scripts and exports know it.
    if (subtype !== 'Widget' && dict.delete(key('T'))) removed.add('Annotation authors');
  }
  const action = dict.lookup(key('A'));
  if (action instanceof PDFDict && actions.has(nameOf(action.lookup(key('S'))))) drop('A');
  if (nameOf(dict.lookup(key('FT'))) === 'Sig' && dict.delete(key('V'))) removed.add('Signature');
  const annotations = dict.lookup(key('Annots'));
  if (annotations instanceof PDFArray) {
    for (let at = annotations.size() - 1; at >= 0; at -= 1) {
      const annotation = annotations.lookup(at);
      if (!(annotation instanceof PDFDict) || nameOf(annotation.lookup(key('Subtype'))) !== 'FileAttachment') continue;
      annotations.remove(at);
      removed.add('EmbeddedFiles');
    }
  }
}

function cleanCatalog({ catalog, context }: PDFDocument, removed: Set<string>): void {
  for (const name of catalogEntries) if (catalog.delete(key(name))) removed.add(name);
  const names = catalog.lookup(key('Names'));
  if (names instanceof PDFDict) for (const name of ['EmbeddedFiles', 'JavaScript'] as const) if (names.delete(key(name))) removed.add(name);
  const form = catalog.lookup(key('AcroForm'));
  if (form instanceof PDFDict) for (const name of ['XFA', 'SigFlags'] as const) if (form.delete(key(name))) removed.add(name);
  if (context.trailerInfo.Info !== undefined) removed.add('Info');
  // The identifier is the same in all versions of a document (section 14.4).
  if (context.trailerInfo.ID !== undefined) removed.add('ID');
  delete context.trailerInfo.Info;
  delete context.trailerInfo.ID;
}

/**
 * Writes a PDF anew without what describes it: information dictionary, XMP, identifiers, attachments, scripts, the
 * authors of its notes, signatures, the metadata of its pictures, and every object that no page needs, among them
 * those of earlier states.
 *
 * @throws ParseProblem
 */
export async function stripPdf(content: Uint8Array): Promise<{ content: Uint8Array; removed: string[] }> {
  const document = await open(content);
  const { context } = document;
  const removed = new Set<string>();
  try {
    cleanCatalog(document, removed);
    for (const [ref, item] of context.enumerateIndirectObjects()) {
      const dict = item instanceof PDFStream ? item.dict : item instanceof PDFDict ? item : null;
      if (dict !== null) cleanDictionary(dict, removed);
      if (!(item instanceof PDFRawStream) || nameOf(item.dict.lookup(key('Filter'))) !== 'DCTDecode') continue;
      const clean = cleanPicture(item.contents);
      if (clean.length >= item.contents.length) continue;
      removed.add('Picture metadata');
      context.assign(ref, PDFRawStream.of(item.dict, clean));
    }
    // An annotation may be written into its page instead of standing alone.
    for (const page of document.getPages()) {
      const annotations = page.node.lookup(key('Annots'));
      if (annotations instanceof PDFArray) for (let at = 0; at < annotations.size(); at += 1) {
        const annotation = annotations.lookup(at);
        if (annotation instanceof PDFDict) cleanDictionary(annotation, removed);
      }
    }
    const needed = reachable(document);
    for (const [ref] of context.enumerateIndirectObjects()) if (!needed.has(ref)) context.delete(ref);
    return { content: await document.save({ useObjectStreams: true, addDefaultPage: false, updateFieldAppearances: false }), removed: [...removed] };
  } catch {
    throw damaged('The PDF cannot be rewritten: it is damaged.');
  }
}

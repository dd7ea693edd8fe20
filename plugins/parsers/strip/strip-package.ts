import { type Zippable, zipSync } from 'fflate';
import { encrypted, ParseProblem } from '../text/parse-problem.ts';
import { openZip, type ZipArchive } from '../text/office/zip-archive.ts';
import { cleanPicture } from './clean-picture.ts';

/** A rewriting of one kind of part by marks: what is replaced never holds other mark-up. */
interface Rule {
  part: RegExp;
  what: string;
  find: RegExp;
  put: string;
}

/** ECMA-376 part 1: people, times and traces of sessions in the parts of a document. */
const officeRules: readonly Rule[] = [
  { part: /^word\//, what: 'revision ids', find: /\sw:rsid\w{0,12}="[^"<>]*"/g, put: '' },
  { part: /^word\/settings\.xml$/, what: 'revision ids', find: /<w:rsids>[^]*?<\/w:rsids>/g, put: '' },
  { part: /^word\/settings\.xml$/, what: 'document variables', find: /<w:docVars>[^]*?<\/w:docVars>/g, put: '' },
  { part: /^word\/settings\.xml$/, what: 'template', find: /<w:attachedTemplate\s[^<>]*\/>/g, put: '' },
  { part: /^word\//, what: 'authors', find: /\s(w\d{0,2}:author)="[^"<>]*"/g, put: ' $1="Author"' },
  { part: /^word\//, what: 'authors', find: /\s(w\d{0,2}:initials)="[^"<>]*"/g, put: ' $1=""' },
  { part: /^word\//, what: 'dates', find: /\sw:date="[^"<>]*"/g, put: '' },
  { part: /^(?:word|ppt)\//, what: 'names of pictures', find: /(<(?:pic|p):cNvPr\s[^<>]*?)\sdescr="[A-Za-z]:\\[^"<>]*"/g, put: '$1' },
  { part: /^ppt\/(?:commentAuthors|authors)\.xml$/, what: 'authors', find: /\s(name|initials|userId|providerId)="[^"<>]*"/g, put: ' $1="Author"' },
  { part: /^ppt\/comments\//, what: 'dates', find: /\s(?:dt|created)="[^"<>]*"/g, put: '' },
  { part: /^xl\/comments[^/]*\.xml$|^xl\/comments\//, what: 'authors', find: /<((?:\w+:)?author)>[^<]*<\//g, put: '<$1></' },
  { part: /^xl\/persons\//, what: 'authors', find: /\s(displayName|userId)="[^"<>]*"/g, put: ' $1="Author"' },
  { part: /^xl\/threadedComments\//, what: 'dates', find: /\sdT="[^"<>]*"/g, put: '' },
  { part: /^xl\/workbook\.xml$/, what: 'authors', find: /(<fileSharing\s[^<>]*?)\suserName="[^"<>]*"/g, put: '$1' },
  { part: /^xl\/workbook\.xml$/, what: 'paths', find: /<x15ac:absPath\s[^<>]*?(?:\/>|>\s*<\/x15ac:absPath>)/g, put: '' },
  { part: /^xl\/worksheets\//, what: 'printer settings', find: /(<pageSetup\s[^<>]*?)\sr:id="[^"<>]*"/g, put: '$1' },
];

/** OpenDocument 1.3 part 3: authors and dates of notes and changes, and the printer. */
const openDocumentRules: readonly Rule[] = [
  { part: /^(?:Object \d+\/)?(?:content|styles)\.xml$/, what: 'authors', find: /<((?:dc:creator|meta:creator-initials|loext:sender-initials))>[^<]*<\//g, put: '<$1></' },
  { part: /^(?:Object \d+\/)?(?:content|styles)\.xml$/, what: 'dates', find: /<dc:date>[^<]*<\//g, put: '<dc:date>1970-01-01T00:00:00</' },
  { part: /^settings\.xml$/, what: 'printer settings', find: /(<config:config-item\s[^<>]*config:name="(?:PrinterName|PrinterSetup|RsidRoot|Rsid)"[^<>]*>)[^<]*<\//g, put: '$1</' },
];

const emptyMeta = '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3"><office:meta/></office:document-meta>';
const dropped = /^(?:docProps|customXml)\/|^word\/people\.xml$|\/printerSettings\/[^/]+$|^Thumbnails\//;
const embedded = /\/embeddings\/[^/]+\.(?:docx|xlsx|pptx|docm|xlsm|pptm)$/i;
const maxDepth = 2;

/** `/word/document.xml` of a target seen from its part. */
function resolve(rels: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const segments = rels.replace(/_rels\/[^/]*$/, '').split('/').filter((segment) => segment !== '');
  for (const segment of target.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  return segments.join('/');
}

/** What points to parts that are gone would make readers call the file broken. */
function withoutPointers(name: string, text: string): string {
  if (name === '[Content_Types].xml') return text.replaceAll(/<Override\s[^<>]*PartName="\/([^"<>]*)"[^<>]*\/>/g, (tag, part: string) => (dropped.test(part) ? '' : tag));
  if (name === 'META-INF/manifest.xml') return text.replaceAll(/<manifest:file-entry\s[^<>]*manifest:full-path="([^"<>]*)"[^<>]*\/>/g, (tag, part: string) => (dropped.test(part) ? '' : tag));
  if (!name.endsWith('.rels')) return text;
  return text.replaceAll(/<Relationship\s[^<>]*\/>/g, (tag) => {
    const target = /\sTarget="([^"<>]*)"/.exec(tag)?.[1] ?? '';
    return /attachedTemplate"/.test(tag) || (!/TargetMode="External"/.test(tag) && dropped.test(resolve(name, target))) ? '' : tag;
  });
}

function cleanText(name: string, bytes: Uint8Array, rules: readonly Rule[], removed: Set<string>): Uint8Array {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) throw new ParseProblem('unsupported', 'ENCODING', 'A part is written in an encoding that is not rewritten.');
  let text = withoutPointers(name, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  for (const { part, what, find, put } of rules) {
    if (!part.test(name)) continue;
    const clean = text.replaceAll(find, put);
    if (clean !== text) removed.add(what);
    text = clean;
  }
  return new TextEncoder().encode(text);
}

function cleanPart(archive: ZipArchive, name: string, rules: readonly Rule[], removed: Set<string>, depth: number): Uint8Array {
  if (name === 'meta.xml') {
    removed.add(name);
    return new TextEncoder().encode(emptyMeta);
  }
  const bytes = archive.read(name) ?? new Uint8Array();
  if (/\.(?:xml|rels)$/i.test(name)) return cleanText(name, bytes, rules, removed);
  if (embedded.test(name) && depth < maxDepth) {
    const inner = stripPackage(bytes, depth + 1);
    for (const what of inner.removed) removed.add(what);
    return inner.content;
  }
  const clean = cleanPicture(bytes);
  if (clean !== bytes && clean.length < bytes.length) removed.add('picture metadata');
  return clean;
}

/** Where ZIP begins to count (PKWARE APPNOTE 6.3.10, section 4.4.6), in local time as fflate takes it. */
const epoch = new Date(1980, 0, 1);

/**
 * An Office Open XML or OpenDocument file packed anew without its properties, the names of its authors, session ids,
 * thumbnails, printer settings and times, and with pictures without metadata.
 *
 * @throws ParseProblem
 */
export function stripPackage(content: Uint8Array, depth = 0): { content: Uint8Array; removed: string[] } {
  const archive = openZip(content);
  const isOffice = archive.has('[Content_Types].xml');
  if (!isOffice && !archive.has('content.xml')) throw new ParseProblem('unsupported', 'ARCHIVE', 'The file is an archive, but none of the documents that are rewritten.');
  if (new TextDecoder().decode(archive.read('META-INF/manifest.xml') ?? new Uint8Array()).includes('encryption-data')) throw encrypted();
  const removed = new Set<string>();
  const entries: [string, Zippable[string]][] = [];
  // OpenDocument wants its type first and unpacked (part 2, section 3.3).
  const names = archive.names.filter((name) => !name.endsWith('/')).toSorted((a, b) => Number(b === 'mimetype') - Number(a === 'mimetype'));
  for (const name of names) {
    if (dropped.test(name)) removed.add(name);
    else entries.push([name, [cleanPart(archive, name, isOffice ? officeRules : openDocumentRules, removed, depth), { level: name === 'mimetype' ? 0 : 6, mtime: epoch }]]);
  }
  return { content: zipSync(Object.fromEntries(entries)), removed: [...removed] };
}

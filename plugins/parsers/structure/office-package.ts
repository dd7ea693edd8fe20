import { decodeXml, scanXml } from '../text/office/scan-xml.ts';
import { openZip, type ZipArchive } from '../text/office/zip-archive.ts';
import { encrypted } from '../text/parse-problem.ts';
import type { Findings } from './findings.ts';

/** External targets that fetch or start something when the document is opened; a hyperlink waits for a click. */
const severityOfTarget: Readonly<Record<string, 'high' | 'medium'>> = { attachedTemplate: 'high', oleObject: 'high', frame: 'high', subDocument: 'high', image: 'medium', video: 'medium', audio: 'medium', externalLinkPath: 'medium', mailMergeSource: 'medium' };

function inspectRelationships(archive: ZipArchive, name: string, findings: Findings): void {
  let links = 0;
  scanXml(archive.read(name) ?? new Uint8Array(), {
    open(element, attribute) {
      if (element !== 'Relationship' || attribute('TargetMode') !== 'External') return;
      const type = (attribute('Type') ?? '').split('/').at(-1) ?? '';
      const target = attribute('Target') ?? '';
      if (type === 'hyperlink' && !/^(?:file:|\\\\|mhtml:|ms-)/i.test(target)) links += 1;
      else findings.add('EXTERNAL_REFERENCE', /^(?:file:|\\\\|mhtml:|ms-)/i.test(target) ? 'high' : (severityOfTarget[type] ?? 'medium'), `The document loads something from outside (${type.slice(0, 40)}).`, name);
    },
  });
  if (links > 0) findings.add('EXTERNAL_REFERENCE', 'info', `${links} links lead out of the document.`, name);
}

/** WordprocessingML, SpreadsheetML, PresentationML and OpenDocument share one walk: their element names do not clash where it matters. */
function inspectPart(archive: ZipArchive, name: string, findings: Findings): void {
  const revisions = new Set<string>();
  let comments = 0;
  let fields = '';
  let inField = false;
  scanXml(archive.read(name) ?? new Uint8Array(), {
    open(element, attribute) {
      if (element === 'ins' || element === 'del' || element === 'moveFrom' || element === 'tracked-changes' || element === 'rPrChange') revisions.add(element);
      else if (element === 'comment' || element === 'cm' || element === 'annotation') comments += 1;
      else if (element === 'vanish' && attribute('val') !== '0' && attribute('val') !== 'false') findings.add('HIDDEN_TEXT', 'medium', 'Parts of the text are hidden.', name);
      else if (element === 'sheet' && /^(?:hidden|veryHidden)$/.test(attribute('state') ?? '')) findings.add('HIDDEN_TEXT', 'medium', 'A sheet is hidden.', attribute('name'));
      else if (element === 'sld' && attribute('show') === '0') findings.add('HIDDEN_TEXT', 'low', 'A slide is hidden.', name);
      else if (element === 'instrText') inField = true;
      else if (element === 'fldSimple') fields += ` ${attribute('instr') ?? ''}`;
      else if (element === 'ddeLink' || element === 'dde-source') findings.add('DDE', 'high', 'The document asks another program for its content.', name);
      else if (element === 'definedName' && /^(?:_xlnm\.)?auto_?(?:open|close)/i.test(attribute('name') ?? '')) findings.add('MACROS', 'high', 'A macro runs when the workbook is opened.', name);
      else if (element === 'script' || element === 'event-listener') findings.add('EMBEDDED_SCRIPT', 'high', 'The document holds scripts.', name);
      else if ((element === 'image' || element === 'object') && /^(?:https?|file|smb):/i.test(attribute('xlink:href') ?? '')) findings.add('EXTERNAL_REFERENCE', 'medium', 'The document loads something from outside.', name);
      else if (element === 'fileSharing' && (attribute('userName') ?? '') !== '') findings.add('AUTHOR', 'low', 'The workbook names who shared it.', name);
    },
    close(element) {
      if (element === 'instrText') inField = false;
    },
    text(text) {
      // A field's code may be spread over several elements.
      if (inField && fields.length < 65_536) fields += text.slice(0, 1000);
    },
  });
  if (/\bDDE(?:AUTO)?\s+["\w\\]/i.test(fields)) findings.add('DDE', 'high', 'A field asks another program for its content.', name);
  if (/\bINCLUDE(?:PICTURE|TEXT)\s+["\w\\]/i.test(fields)) findings.add('EXTERNAL_REFERENCE', 'medium', 'A field loads its content from elsewhere.', name);
  if (revisions.size > 0) findings.add('REVISIONS', 'medium', 'Changes are kept with what they replaced, their authors and their dates.', name);
  if (comments > 0) findings.add('COMMENTS', 'low', `The document holds ${comments} comments.`, name);
}

/** People that the properties name: ECMA-376 part 2, section 8.3, and OpenDocument's `meta.xml`. */
function inspectProperties(archive: ZipArchive, name: string, findings: Findings): void {
  const people = /^(?:creator|lastModifiedBy|Manager|Company|initial-creator|printed-by)$/;
  let element = '';
  scanXml(archive.read(name) ?? new Uint8Array(), {
    open: (opened) => void (element = opened),
    close: () => void (element = ''),
    text(text) {
      if (people.test(element) && decodeXml(text).trim() !== '') findings.add('AUTHOR', 'low', `The properties name somebody (${element}).`, name);
    },
  });
}

const isPart = /^(?:word\/(?:document|comments|footnotes|endnotes|header\d*|footer\d*|settings)\d*\.xml|xl\/(?:workbook|comments\d*)\.xml|xl\/(?:threadedComments|externalLinks|comments)\/[^/]+\.xml|ppt\/(?:slides|comments|notesSlides)\/[^/]+\.xml|content\.xml|styles\.xml)$/;
const programs = /\.(?:exe|scr|com|pif|bat|cmd|ps1|vbs|jse?|wsf|hta|lnk|msi|jar|dll|sh)$/i;
/** Parts beyond these are only named. */
const maxParts = 500;

/** Office Open XML, OpenDocument and plain archives. @throws ParseProblem */
export function inspectPackage(content: Uint8Array, findings: Findings): void {
  const archive = openZip(content);
  const office = archive.has('[Content_Types].xml') || archive.has('content.xml');
  for (const name of archive.names) {
    if (/(?:^|\/)vbaProject\.bin$/i.test(name) || /^(?:Basic|Scripts)\/.+[^/]$/.test(name)) findings.add('MACROS', 'high', 'The document holds macros.', name);
    else if (/\/macrosheets\/[^/]+\.xml$/i.test(name)) findings.add('MACROS', 'high', 'The workbook has a sheet of Excel 4 macros.', name);
    else if (/\/activeX\/[^/]+\.bin$/i.test(name)) findings.add('EMBEDDED_SCRIPT', 'high', 'The document holds ActiveX controls.', name);
    else if (/\/embeddings\/[^/]+$/i.test(name) || /^Object \d+\/content\.xml$/.test(name)) findings.add('EMBEDDED_FILE', /\.bin$/i.test(name) ? 'medium' : 'low', 'Another document or object is embedded.', name);
    else if (/^(?:docProps|Thumbnails)\/thumbnail\./i.test(name)) findings.add('THUMBNAIL', 'info', 'A small picture of the first page is inside, which may show an earlier state.', name);
    else if (!office && programs.test(name)) findings.add('EMBEDDED_FILE', 'high', 'The archive holds a program or script.', name);
    else if (/\/printerSettings\/[^/]+\.bin$/i.test(name)) findings.add('DEVICE_IDENTIFIER', 'low', 'The settings of a printer are kept, often with its name.', name);
    if (name.split('/').includes('..')) findings.add('UNSAFE_PATH', 'high', 'An entry would be unpacked outside its folder.', name);
  }
  if (!office) return;
  // OpenDocument 1.3 part 3, section 4.8.
  scanXml(archive.read('META-INF/manifest.xml') ?? new Uint8Array(), {
    open(element) {
      if (element === 'encryption-data') throw encrypted();
    },
  });
  for (const name of archive.names.filter((entry) => entry.endsWith('.rels')).slice(0, maxParts)) inspectRelationships(archive, name, findings);
  for (const name of archive.names.filter((entry) => isPart.test(entry)).slice(0, maxParts)) inspectPart(archive, name, findings);
  for (const name of ['docProps/core.xml', 'docProps/app.xml', 'meta.xml']) if (archive.has(name)) inspectProperties(archive, name, findings);
}

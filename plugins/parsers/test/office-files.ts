import { strToU8, zipSync, type Zippable } from 'fflate';

const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export const zipOf = (entries: Record<string, string | Uint8Array>, level: 0 | 6 | 9 = 6): Uint8Array<ArrayBuffer> =>
  new Uint8Array(zipSync(Object.fromEntries(Object.entries(entries).map(([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content])) as Zippable, { level }));

const relations = (targets: readonly (readonly [id: string, type: string, target: string])[]): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets.map(([id, type, target]) => `<Relationship Id="${id}" Type="${relation}/${type}" Target="${target}"/>`).join('')}</Relationships>`;

const packageOf = (main: string, entries: Record<string, string | Uint8Array>): Uint8Array<ArrayBuffer> => zipOf({ '[Content_Types].xml': '<Types/>', '_rels/.rels': relations([['rId1', 'officeDocument', main]]), ...entries });

/** A Word file; `body` is WordprocessingML. */
export const docx = (body: string, beside: Partial<Record<'header' | 'footer' | 'comments', string>> = {}, prolog = ''): Uint8Array<ArrayBuffer> => {
  const parts = Object.entries(beside);
  return packageOf('word/document.xml', {
    'word/document.xml': `<?xml version="1.0"?>${prolog}<w:document xmlns:w="x"><w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': relations(parts.map(([type]) => [type, type, `${type}1.xml`])),
    ...Object.fromEntries(parts.map(([type, text]) => [`word/${type}1.xml`, `<w:x><w:p><w:r><w:t>${text}</w:t></w:r></w:p></w:x>`])),
  });
};
export const paragraph = (text: string): string => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

/** A workbook; cells as SpreadsheetML, shared strings by index. */
export const xlsx = (sheets: Record<string, string>, shared: readonly string[] = [], comment?: string): Uint8Array<ArrayBuffer> => {
  const names = Object.keys(sheets);
  return packageOf('xl/workbook.xml', {
    'xl/workbook.xml': `<workbook xmlns:r="${relation}"><workbookPr/><sheets>${names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="s${at + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([...names.map((_, at) => [`s${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`] as const), ['t', 'sharedStrings', 'sharedStrings.xml'], ['f', 'styles', '/xl/styles.xml']]),
    'xl/sharedStrings.xml': `<sst>${shared.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[$-407]d\\.m\\.yyyy\\ hh:mm"/><numFmt numFmtId="165" formatCode="0.00&quot;d&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>',
    ...Object.fromEntries(Object.values(sheets).map((rows, at) => [`xl/worksheets/sheet${at + 1}.xml`, `<worksheet><sheetData>${rows}</sheetData></worksheet>`])),
    ...(comment === undefined ? {} : { 'xl/worksheets/_rels/sheet1.xml.rels': relations([['c', 'comments', '../comments1.xml']]), 'xl/comments1.xml': `<comments><commentList><comment ref="A1"><text><r><t>${comment}</t></r></text></comment></commentList></comments>` }),
  });
};

/** A slide show; each slide's text, and the notes of the first. */
export const pptx = (slides: readonly string[], notes = ''): Uint8Array<ArrayBuffer> =>
  packageOf('ppt/presentation.xml', {
    // Shown in the other order than they are stored.
    'ppt/presentation.xml': `<p:presentation xmlns:r="${relation}"><p:sldIdLst>${slides.map((_, at) => `<p:sldId id="${256 + at}" r:id="s${at}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(slides.map((_, at) => [`s${at}`, 'slide', `slides/slide${slides.length - at}.xml`])),
    ...Object.fromEntries(slides.map((text, at) => [`ppt/slides/slide${slides.length - at}.xml`, `<p:sld><a:p><a:pPr/><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`])),
    [`ppt/slides/_rels/slide${slides.length}.xml.rels`]: relations([['n', 'notesSlide', '../notesSlides/notesSlide1.xml']]),
    'ppt/notesSlides/notesSlide1.xml': `<p:notes><a:p><a:r><a:t>${notes}</a:t></a:r></a:p></p:notes>`,
  });

/** OpenDocument of a kind: `text`, `spreadsheet` or `presentation`. */
export const openDocument = (kind: string, body: string, manifest = '<manifest/>'): Uint8Array<ArrayBuffer> =>
  zipOf({ mimetype: `application/vnd.oasis.opendocument.${kind}`, 'content.xml': `<office:document-content><office:body>${body}</office:body></office:document-content>`, 'styles.xml': '<office:document-styles><style:footer><text:p>Foot</text:p></style:footer></office:document-styles>', 'META-INF/manifest.xml': manifest });

import type { Findings } from './findings.ts';
import { pdfObjects } from './pdf-objects.ts';

/** Kinds of actions that do more than move in the document (ISO 32000-1, table 198). */
const actions: readonly (readonly [RegExp, 'high' | 'medium' | 'low', string])[] = [
  [/\/S\s*\/Launch\b|\/Launch\b/, 'high', 'An action starts a program.'],
  [/\/S\s*\/(?:SubmitForm|ImportData)\b/, 'medium', 'An action sends or loads the data of a form.'],
  [/\/S\s*\/(?:GoToR|GoToE)\b/, 'low', 'An action opens another document.'],
  [/\/S\s*\/(?:Rendition|Movie|Sound|RichMediaExecute|GoTo3DView)\b/, 'low', 'An action plays media.'],
];

const name = (word: string): RegExp => new RegExp(`/${word}(?![A-Za-z0-9])`);

/** What a PDF does and carries beside its pages. */
export function inspectPdf(content: Uint8Array, findings: Findings): { incomplete: boolean; objects: number; isEncrypted: boolean } {
  const { objects, rest, incomplete } = pdfObjects(content);
  const byNumber = new Map(objects.map(({ number, text }) => [number, text]));
  let links = 0;
  let notes = 0;
  for (const { number, text } of objects) {
    const where = `object ${number}`;
    if (name('JavaScript').test(text) || name('JS').test(text)) findings.add('EMBEDDED_SCRIPT', 'high', 'The document holds JavaScript.', where);
    for (const [mark, severity, message] of actions) if (mark.test(text)) findings.add('PDF_ACTION', severity, message, where);
    const opening = /\/OpenAction\s*(?:(\d{1,10})\s+\d{1,5}\s+R|(<<))/.exec(text);
    if (opening !== null && !/^\s*\[/.test(byNumber.get(Number(opening[1])) ?? '') && !/\/S\s*\/GoTo\b/.test(opening[1] === undefined ? text : (byNumber.get(Number(opening[1])) ?? ''))) {
      findings.add('PDF_ACTION', 'medium', 'Something happens as soon as the document is opened.', where);
    }
    if (/\/AA\s*(?:<<|\d+\s+\d+\s+R)/.test(text)) findings.add('PDF_ACTION', 'medium', 'Something happens when pages or fields are entered or left.', where);
    if (name('EmbeddedFile').test(text) || name('EmbeddedFiles').test(text) || /\/Subtype\s*\/FileAttachment\b/.test(text)) findings.add('EMBEDDED_FILE', 'medium', 'Other files are attached to the document.', where);
    if (/\/(?:RichMedia|3D|Movie|Screen)\b/.test(text) && /\/Subtype\s*\//.test(text)) findings.add('EMBEDDED_FILE', 'low', 'Media are embedded in a page.', where);
    if (/\/XFA\s*[[\d]/.test(text)) findings.add('EMBEDDED_SCRIPT', 'medium', 'The document holds an XFA form, which may have scripts.', where);
    if (/\/URI\s*[(<]/.test(text)) links += 1;
    if (/\/Subtype\s*\/(?:Text|FreeText|Highlight|Popup|Ink|Stamp|StrikeOut|Underline)\b/.test(text) && name('Rect').test(text)) notes += 1;
    if (/\/Type\s*\/Sig\b/.test(text) && name('ByteRange').test(text)) findings.add('SIGNATURE', 'info', 'The document is signed; the certificate names the signer.', where);
    if (/\/OCProperties\b/.test(text) && /\/OFF\s*\[\s*\d/.test(text)) findings.add('HIDDEN_TEXT', 'medium', 'Layers of the document are switched off.', where);
    if (name('PieceInfo').test(text)) findings.add('PRIVATE_DATA', 'low', 'A program left data of its own in the document.', where);
  }
  if (links > 0) findings.add('EXTERNAL_REFERENCE', 'info', `${links} links lead out of the document.`);
  if (notes > 0) findings.add('COMMENTS', 'low', `The pages hold ${notes} notes and marks.`);
  inspectEnds(content, /\/Linearized\b/.test(objects[0]?.text ?? ''), findings);
  return { incomplete, objects: objects.length, isEncrypted: name('Encrypt').test(rest) || objects.some(({ text }) => /\/Filter\s*\/Standard\b/.test(text) && /\/(?:O|U)\s*[(<]/.test(text)) };
}

/** Updates that were appended (section 7.5.6), and what stands behind the last end. */
function inspectEnds(content: Uint8Array, linearised: boolean, findings: Findings): void {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  let ends = 0;
  let last = -1;
  for (let at = buffer.indexOf('%%EOF'); at >= 0 && ends < 1000; at = buffer.indexOf('%%EOF', at + 5)) {
    ends += 1;
    last = at + 5;
  }
  const earlier = ends - (linearised ? 1 : 0) - 1;
  if (earlier > 0) findings.add('REVISIONS', 'medium', `${earlier} earlier states of the document are still inside.`);
  const tail = last < 0 ? 0 : content.subarray(last).reduce((sum, byte) => sum + (byte > 0x20 ? 1 : 0), 0);
  if (tail > 0) findings.add('TRAILING_DATA', 'medium', `${content.length - last} bytes stand behind the end of the document.`, `byte ${last}`);
}

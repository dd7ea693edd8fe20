/** What a file's bytes say it is. */
export type Kind = 'zip' | 'ole' | 'pdf' | 'rtf' | 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif' | 'executable' | 'svg' | 'html' | 'xml' | 'mail' | 'text' | 'other';

const latin1 = new TextDecoder('latin1');
export const textAt = (content: Uint8Array, at: number, length: number): string => latin1.decode(content.subarray(at, at + length));

/** Of the first bytes in hexadecimal. */
const marks: readonly (readonly [Kind, RegExp])[] = [
  ['zip', /^504b(?:0304|0506)/],
  ['ole', /^d0cf11e0a1b11ae1/],
  ['pdf', /^255044462d/],
  ['rtf', /^7b5c7274/],
  ['jpeg', /^ffd8ff/],
  ['png', /^89504e470d0a1a0a/],
  ['gif', /^474946383[79]61/],
  ['webp', /^52494646.{8}57454250/],
  ['tiff', /^(?:49492a00|4d4d002a)/],
  // The brands heic, heix, hevc, hevx, heim, heis, mif1, msf1, avif and avis (ISO/IEC 23008-12).
  ['heif', /^.{8}66747970(?:686569(?:63|78|6d|73)|686576(?:63|78)|6d696631|6d736631|61766966|61766973)/],
  // DOS and Windows, ELF, Mach-O, Java, scripts.
  ['executable', /^(?:4d5a.{116}|7f454c46|cffaedfe|cafebabe|2321)/],
];

export function sniff(content: Uint8Array, mimeType: string): Kind {
  const head = Buffer.from(content.subarray(0, 64)).toString('hex');
  const found = marks.find(([, mark]) => mark.test(head))?.[0];
  if (found !== undefined) return found;
  const start = textAt(content, 0, 4096);
  // Readers put up with up to a kilobyte before the header (PDF 2.0, annex of implementation notes).
  if (start.slice(0, 1024).includes('%PDF-')) return 'pdf';
  if (content.subarray(0, 4096).includes(0)) return 'other';
  if (/<svg[\s>]/i.test(start)) return 'svg';
  if (/^[\s\u00ef\u00bb\u00bf]*<(?:!doctype html|html|head|body|script)/i.test(start) || mimeType.includes('html')) return 'html';
  if (/^[\s\u00ef\u00bb\u00bf]*<\?xml/.test(start) || mimeType.endsWith('xml')) return 'xml';
  return mimeType === 'message/rfc822' || /^(?:received|return-path|from|message-id|mime-version): /im.test(start.slice(0, 200)) ? 'mail' : 'text';
}

const kindsOfType: readonly (readonly [RegExp, readonly Kind[]])[] = [
  [/^image\/jpe?g$/, ['jpeg']],
  [/^image\/png$/, ['png']],
  [/^image\/gif$/, ['gif']],
  [/^image\/webp$/, ['webp']],
  [/^image\/tiff$/, ['tiff']],
  [/^image\/(?:heic|heif|avif)$/, ['heif']],
  [/^application\/pdf$/, ['pdf']],
  [/^application\/rtf$|^text\/rtf$/, ['rtf']],
  [/officedocument|opendocument|^application\/(?:epub\+)?zip$/, ['zip', 'ole']],
  [/^application\/(?:msword|vnd\.ms-(?:excel|powerpoint|outlook)|x-cfb)$/, ['ole', 'zip', 'rtf']],
  [/^image\/svg\+xml$/, ['svg']],
];
const kindsOfEnding: Readonly<Record<string, readonly Kind[]>> = {
  jpg: ['jpeg'], jpeg: ['jpeg'], png: ['png'], gif: ['gif'], webp: ['webp'], tif: ['tiff'], tiff: ['tiff'], heic: ['heif'], avif: ['heif'], pdf: ['pdf'], rtf: ['rtf'],
  docx: ['zip', 'ole'], xlsx: ['zip', 'ole'], pptx: ['zip', 'ole'], odt: ['zip'], ods: ['zip'], odp: ['zip'], zip: ['zip'], doc: ['ole', 'zip', 'rtf'], xls: ['ole', 'zip'], ppt: ['ole', 'zip'], msg: ['ole'], svg: ['svg'],
  txt: ['text', 'xml', 'mail'], csv: ['text'], md: ['text', 'html'], html: ['html'], htm: ['html'],
};

/** Whether a file is what its type or its name's ending promises; null when they promise nothing that is known. */
export function keepsPromise(kind: Kind, promise: { mimeType?: string; ending?: string }): boolean | null {
  const kinds = promise.mimeType === undefined ? kindsOfEnding[promise.ending ?? ''] : kindsOfType.find(([type]) => type.test(promise.mimeType ?? ''))?.[1];
  return kinds === undefined ? null : kinds.includes(kind);
}

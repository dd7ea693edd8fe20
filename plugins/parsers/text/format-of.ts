/** The parser for a file: by its bytes where they tell, by what was declared where they do not. */
export type TextFormat = 'pdf' | 'zip' | 'ole' | 'rtf' | 'image' | 'eml' | 'html' | 'text' | 'media';

const starts = (content: Uint8Array, signature: string, at = 0): boolean => [...signature].every((character, n) => content[at + n] === character.charCodeAt(0));

const imageMarks: readonly (readonly [string, number])[] = [
  ['\x89PNG\r\n', 0],
  ['\xff\xd8\xff', 0],
  ['GIF8', 0],
  ['WEBP', 8],
  ['II*\0', 0],
  ['MM\0*', 0],
  ['8BPS', 0],
  ['\0\0\0\x0cjP  ', 0],
  ['\xff\x4f\xff\x51', 0],
];
/** Brands of ISO base media files that are still pictures. */
const pictureBrand = /^(?:hei[cxms]|hev[cx]|mif1|msf1|avi[fs])$/;
const mediaMarks: readonly (readonly [string, number])[] = [['ftyp', 4], ['ID3', 0], ['OggS', 0], ['\x1aE\xdf\xa3', 0], ['fLaC', 0], ['RIFF', 0]];

const declaredBinary = /^(?:image|audio|video|font)\/|pdf|zip|officedocument|opendocument|msword|ms-excel|ms-powerpoint|octet-stream/;

/** PDF 2.0, section 7.5.2: readers put up with bytes before the header; we with a kilobyte, as others do. */
function hasPdfHeader(content: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(content.subarray(0, 1024)).includes('%PDF-');
}

/** A header field of RFC 5322 on the first lines, and one that mails have. */
function looksLikeMail(head: string): boolean {
  return /^(?:From [^\n]*\n)?[\w-]{2,60}:[ \t][^\n]*\n/.test(head) && /^(?:Received|From|Return-Path|Delivered-To|MIME-Version|Message-ID):/im.test(head) && /^(?:From|Date|Subject|To):/im.test(head) && /^(?:Message-ID|MIME-Version|Received|Return-Path|Date):/im.test(head);
}

export function formatOf(content: Uint8Array, mimeType: string, filename: string): TextFormat | 'mislabelled' {
  if (starts(content, 'PK\x03\x04') || starts(content, 'PK\x05\x06')) return 'zip';
  if (starts(content, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return 'ole';
  if (starts(content, '{\\rtf')) return 'rtf';
  if (imageMarks.some(([mark, at]) => starts(content, mark, at))) return 'image';
  if (starts(content, 'ftyp', 4) && pictureBrand.test(String.fromCharCode(...content.subarray(8, 12)))) return 'image';
  if (mediaMarks.some(([mark, at]) => starts(content, mark, at))) return 'media';
  const head = new TextDecoder('latin1').decode(content.subarray(0, 4096)).replaceAll('\r\n', '\n');
  const extension = /\.([a-z0-9]{1,8})$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  const type = mimeType.toLowerCase();
  if (type === 'message/rfc822' || extension === 'eml' || looksLikeMail(head)) return 'eml';
  if (hasPdfHeader(content)) return 'pdf';
  if (type === 'image/svg+xml' || /^\s*<\?xml/.test(head)) return /<html/i.test(head) ? 'html' : 'text';
  if (declaredBinary.test(type) && type !== 'application/octet-stream') return 'mislabelled';
  const isHtml = type.includes('html') || /^html?$|^xhtml$/.test(extension) || /^[\s\u00ef\u00bb\u00bf]*(?:<!doctype html|<html|<head|<body)/i.test(head);
  return isHtml ? 'html' : 'text';
}

import type { Findings } from './findings.ts';
import { type Kind, textAt } from './sniff.ts';

/** Where a picture ends by its own format; null when it does not say, or is cut off. */
export function pictureEnd(content: Uint8Array, kind: Kind): number | null {
  if (kind === 'jpeg') return jpegEnd(content);
  if (kind === 'png') return pngEnd(content);
  if (kind === 'gif') return gifEnd(content);
  if (kind !== 'webp' || content.length < 12) return null;
  const size = view(content).getUint32(4, true) + 8;
  return size <= content.length ? size + (size % 2) : null;
}

const view = (content: Uint8Array): DataView => new DataView(content.buffer, content.byteOffset, content.byteLength);

/** ITU-T T.81, annex B: segments, and after each scan's header data in which 0xff is followed by 0 or a restart. */
function jpegEnd(content: Uint8Array): number | null {
  const data = view(content);
  let at = 2;
  while (at + 2 <= content.length) {
    if (content[at] !== 0xff) return null;
    const marker = content[at + 1] as number;
    if (marker === 0xd9) return at + 2;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else {
      if (at + 4 > content.length) return null;
      at += 2 + data.getUint16(at + 2);
      if (marker !== 0xda) continue;
      for (;;) {
        at = content.indexOf(0xff, at);
        if (at < 0 || at + 1 >= content.length) return null;
        const next = content[at + 1] as number;
        if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) break;
        at += 2;
      }
    }
  }
  return null;
}

/** PNG (ISO/IEC 15948), section 5.3. */
function pngEnd(content: Uint8Array): number | null {
  const data = view(content);
  for (let at = 8; at + 12 <= content.length; at += 12 + data.getUint32(at)) if (data.getUint32(at + 4) === 0x49454e44) return at + 12;
  return null;
}

/** GIF89a, appendix A. */
function gifEnd(content: Uint8Array): number | null {
  const table = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + table(content[10] ?? 0);
  const skipBlocks = (): void => {
    while (at < content.length && content[at] !== 0) at += 1 + (content[at] as number);
    at += 1;
  };
  while (at < content.length) {
    const mark = content[at];
    if (mark === 0x3b) return at + 1;
    if (mark === 0x21) at += 2;
    else if (mark === 0x2c) at += 11 + table(content[at + 9] ?? 0);
    else return null;
    skipBlocks();
  }
  return null;
}

/** What stands behind a picture's end, or makes a file two files at once. */
export function inspectPicture(content: Uint8Array, kind: Kind, findings: Findings): void {
  const end = pictureEnd(content, kind);
  if (end === null || end >= content.length) return;
  const tail = content.subarray(end);
  if (tail.every((byte) => byte === 0 || byte === 0x0a || byte === 0x0d || byte === 0x20)) return;
  // Cameras put further pictures behind the first and say so (CIPA DC-007), or notes of their own.
  const known = kind === 'jpeg' && (textAt(content, 0, 65_536).includes('MPF\0') || /(?:SEFT|FFD8FFE1|Vivo|\u00ff\u00d8\u00ff)/.test(textAt(tail, 0, 4) + textAt(tail, Math.max(0, tail.length - 4), 4)) || (tail[0] === 0xff && tail[1] === 0xd8));
  findings.add('TRAILING_DATA', known ? 'info' : 'medium', `${content.length - end} bytes stand behind the end of the picture${known ? ', as cameras write them' : ''}.`, `byte ${end}`);
}

const zipEnd = [0x50, 0x4b, 0x05, 0x06];

/** A file that other programs take for something else than what it begins with. */
export function inspectPolyglot(content: Uint8Array, kind: Kind, findings: Findings): void {
  const head = textAt(content, 0, 1024);
  if (kind === 'pdf' && !head.startsWith('%PDF-') && /[^\s\u00ef\u00bb\u00bf]/.test(head.slice(0, head.indexOf('%PDF-')))) findings.add('POLYGLOT', 'medium', 'Something stands before the beginning of the PDF.', 'byte 0');
  if (kind !== 'pdf' && kind !== 'text' && kind !== 'mail' && head.includes('%PDF-')) findings.add('POLYGLOT', 'high', 'The file is a PDF as well.', `byte ${head.indexOf('%PDF-')}`);
  if (['jpeg', 'png', 'gif', 'webp', 'pdf', 'tiff'].includes(kind)) {
    const from = Math.max(0, content.length - 65_557);
    for (let at = content.indexOf(0x50, from); at >= 0; at = content.indexOf(0x50, at + 1)) {
      if (zipEnd.every((byte, n) => content[at + n] === byte)) {
        findings.add('POLYGLOT', 'high', 'The file is a ZIP archive as well.', `byte ${at}`);
        break;
      }
    }
  }
  if (['jpeg', 'png', 'gif', 'webp'].includes(kind) && /<(?:script|html|iframe|\?php)[\s>]/i.test(`${textAt(content, 0, 16_384)}${textAt(content, Math.max(0, content.length - 16_384), 16_384)}`)) {
    findings.add('POLYGLOT', 'high', 'A browser could take the file for a page with scripts.');
  }
}

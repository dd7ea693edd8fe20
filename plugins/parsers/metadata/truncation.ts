/**
 * Tells a file that was cut off without decoding it, by what its format ends with. False for
 * formats that do not say.
 */
export function isTruncated(content: Uint8Array): boolean {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (startsWith(content, [0xff, 0xd8, 0xff])) return isJpegTruncated(content, view);
  if (startsWith(content, [0x89, 0x50, 0x4e, 0x47])) return isPngTruncated(content, view);
  // RIFF: the chunk size counts everything after it.
  if (startsWith(content, [0x52, 0x49, 0x46, 0x46])) return content.length < 12 || view.getUint32(4, true) + 8 > content.length;
  // GIF89a, section 27: the trailer.
  if (startsWith(content, [0x47, 0x49, 0x46, 0x38])) return content.lastIndexOf(0x3b) < content.length - 64;
  return false;
}

function startsWith(content: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => content[at] === byte);
}

/** ITU-T T.81, annex B: segments up to the first scan, then an EOI marker somewhere behind it. */
function isJpegTruncated(content: Uint8Array, view: DataView): boolean {
  let at = 2;
  while (at + 4 <= content.length) {
    if (content[at] !== 0xff) return false;
    const marker = content[at + 1] as number;
    if (marker === 0xff) at += 1;
    else if (marker === 0xd9) return false;
    else if (marker === 0xda) return !hasEndOfImage(content, at);
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return true;
}

function hasEndOfImage(content: Uint8Array, from: number): boolean {
  for (let at = content.lastIndexOf(0xd9); at > from; at = content.lastIndexOf(0xd9, at - 1)) if (content[at - 1] === 0xff) return true;
  return false;
}

/** PNG (ISO/IEC 15948), section 5.3: chunks of length, type, data and checksum up to IEND. */
function isPngTruncated(content: Uint8Array, view: DataView): boolean {
  for (let at = 8; at + 12 <= content.length; at += 12 + view.getUint32(at)) if (view.getUint32(at + 4) === 0x49454e44) return false;
  return true;
}

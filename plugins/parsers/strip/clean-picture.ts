/**
 * Pictures inside documents without their metadata, without decoding them. Their pixels, colour profile and, where it
 * turns the picture, their orientation stay. What is neither JPEG nor PNG is given back as it was.
 */
export function cleanPicture(content: Uint8Array): Uint8Array {
  if (content[0] === 0xff && content[1] === 0xd8 && content[2] === 0xff) return cleanJpeg(content);
  if (content[0] === 0x89 && content[1] === 0x50 && content[2] === 0x4e && content[3] === 0x47) return cleanPng(content);
  return content;
}

const viewOf = (content: Uint8Array): DataView => new DataView(content.buffer, content.byteOffset, content.byteLength);
const startsWith = (content: Uint8Array, at: number, text: string): boolean => [...text].every((character, n) => content[at + n] === character.charCodeAt(0));

/** Orientation of the first directory of a block of EXIF (CIPA DC-008, section 4.6); null when it turns nothing. */
function orientationOf(content: Uint8Array, from: number, to: number): number | null {
  const tiff = from + 6;
  if (!startsWith(content, from, 'Exif\0\0') || tiff + 8 > to) return null;
  const view = viewOf(content);
  const little = content[tiff] === 0x49;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > to) return null;
  const count = Math.min(200, view.getUint16(first, little));
  for (let n = 0; n < count && first + 14 + 12 * n <= to; n += 1) {
    const entry = first + 2 + 12 * n;
    if (view.getUint16(entry, little) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 2 && value <= 8 ? value : null;
  }
  return null;
}

/** A segment of EXIF that says nothing but this. */
const orientationSegment = (orientation: number): Uint8Array =>
  Uint8Array.from([0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);

/** Application segments that decoders need: JFIF, colour profile, Adobe's colour transform. */
const isNeeded = (content: Uint8Array, marker: number, at: number): boolean => (marker === 0xe0 && startsWith(content, at, 'JFIF')) || (marker === 0xe2 && startsWith(content, at, 'ICC_PROFILE')) || (marker === 0xee && startsWith(content, at, 'Adobe'));

/** ITU-T T.81, annex B. A file that breaks off is kept up to there. */
function cleanJpeg(content: Uint8Array): Uint8Array {
  const view = viewOf(content);
  const kept: Uint8Array[] = [content.subarray(0, 2)];
  let orientation: number | null = null;
  let at = 2;
  while (at + 4 <= content.length && content[at] === 0xff) {
    const marker = content[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) break;
    const end = Math.min(content.length, at + 2 + view.getUint16(at + 2));
    if (marker === 0xe1) orientation ??= orientationOf(content, at + 4, end);
    const isMetadata = (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
    if (!isMetadata || isNeeded(content, marker, at + 4)) kept.push(content.subarray(at, end));
    at = end;
    if (marker !== 0xda) continue;
    const from = at;
    for (;;) {
      at = content.indexOf(0xff, at);
      if (at < 0 || at + 1 >= content.length) {
        at = content.length;
        break;
      }
      const next = content[at + 1] as number;
      if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) break;
      at += 2;
    }
    kept.push(content.subarray(from, at));
  }
  if (orientation !== null) kept.splice(1, 0, orientationSegment(orientation));
  return Buffer.concat([...kept, Uint8Array.of(0xff, 0xd9)]);
}

/** Chunks that change what is seen (PNG, third edition, sections 4 and 11). */
const shown = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'cHRM', 'gAMA', 'iCCP', 'sBIT', 'sRGB', 'cICP', 'mDCV', 'cLLI', 'bKGD', 'pHYs', 'acTL', 'fcTL', 'fdAT']);

function cleanPng(content: Uint8Array): Uint8Array {
  const view = viewOf(content);
  const kept: Uint8Array[] = [content.subarray(0, 8)];
  for (let at = 8; at + 12 <= content.length; ) {
    const end = at + 12 + view.getUint32(at);
    const type = String.fromCharCode(...content.subarray(at + 4, at + 8));
    if (shown.has(type)) kept.push(content.subarray(at, Math.min(end, content.length)));
    if (type === 'IEND') break;
    at = end;
  }
  return Buffer.concat(kept);
}

import { crc32, deflateSync } from 'node:zlib';

/** Pixels as PNG packs them (ISO/IEC 15948, section 9), which is also what a PDF calls predictor 15 (PDF 2.0, section 7.4.4.4). */
export interface PackedPixels {
  data: Uint8Array;
  width: number;
  height: number;
  /** 1: grey, 3: red, green, blue. */
  channels: 1 | 3;
}

function isGrey(rgba: Uint8Array): boolean {
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at] !== rgba[at + 1] || rgba[at] !== rgba[at + 2]) return false;
  return true;
}

/** Each row as its difference from the row above it (filter type 2): pages are mostly what was above. */
export function packPixels(rgba: Uint8Array, width: number, height: number): PackedPixels {
  const channels = isGrey(rgba) ? 1 : 3;
  const rowBytes = width * channels;
  const rows = new Uint8Array(height * (rowBytes + 1));
  let above = new Uint8Array(rowBytes);
  let current = new Uint8Array(rowBytes);
  for (let y = 0, from = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < rowBytes; from += 4) for (let channel = 0; channel < channels; channel += 1) current[x++] = rgba[from + channel] as number;
    rows[to++] = 2;
    for (let x = 0; x < rowBytes; x += 1) rows[to++] = ((current[x] as number) - (above[x] as number)) & 0xff;
    [above, current] = [current, above];
  }
  return { data: deflateSync(rows, { level: 6 }), width, height, channels };
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A PNG file of eight bits a channel, with nothing but its pixels. */
export function pngOf({ data, width, height, channels }: PackedPixels): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
}

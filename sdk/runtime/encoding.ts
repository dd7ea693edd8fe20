/** Base64 (RFC 4648, section 4) and hex, in plain JavaScript: a bare isolate has neither. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet.charAt(chunk >> 18) + alphabet.charAt((chunk >> 12) & 63);
    text += i + 1 < bytes.length ? alphabet.charAt((chunk >> 6) & 63) : '=';
    text += i + 2 < bytes.length ? alphabet.charAt(chunk & 63) : '=';
  }
  return text;
}

/** @throws RangeError for anything that is not padded base64. */
export function fromBase64(text: string): Uint8Array {
  const length = text.length;
  if (length % 4 !== 0) throw new RangeError('not base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < length; i += 4) {
    let chunk = 0;
    for (let j = 0; j < 4; j++) {
      const code = text.charCodeAt(i + j);
      const padded = i + j >= length - padding;
      const value = padded ? 0 : code < 128 ? (values[code] as number) : 255;
      if (value === 255) throw new RangeError('not base64');
      chunk = (chunk << 6) | value;
    }
    if (at < bytes.length) bytes[at++] = chunk >> 16;
    if (at < bytes.length) bytes[at++] = (chunk >> 8) & 255;
    if (at < bytes.length) bytes[at++] = chunk & 255;
  }
  return bytes;
}

/** Lower-case hex, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of an even number of hex digits; what is no digit counts as zero. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

const encoder = new TextEncoder();

/** UTF-8 of a string; bytes are passed through. */
export function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

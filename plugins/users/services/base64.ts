const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...alphabet].map((letter, value) => [letter, value]));

/** Bytes of padded base64 (RFC 4648, section 4). A bare isolate has no `atob`. */
export function fromBase64(text: string): Uint8Array {
  const letters = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  let kept = 0;
  let at = 0;
  for (const letter of letters) {
    bits = ((bits << 6) | (values.get(letter) ?? 0)) & 0xffffff;
    kept += 6;
    if (kept < 8) continue;
    kept -= 8;
    bytes[at++] = (bits >> kept) & 0xff;
  }
  return bytes;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Uint8Array(128);
for (let value = 0; value < alphabet.length; value += 1) values[alphabet.charCodeAt(value)] = value;

/** Bytes of padded base64 (RFC 4648, section 4), which a service made and so is well-formed. A bare isolate has no `atob`. */
export function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3);
  for (let at = 0, out = 0; at < text.length; at += 4) {
    let bits = 0;
    for (let letter = at; letter < at + 4; letter += 1) bits = (bits << 6) | (values[text.charCodeAt(letter)] ?? 0);
    bytes[out++] = bits >> 16;
    bytes[out++] = (bits >> 8) & 0xff;
    bytes[out++] = bits & 0xff;
  }
  return bytes.subarray(0, bytes.length - padding);
}

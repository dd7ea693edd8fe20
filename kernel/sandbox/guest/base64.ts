import { fromBase64, toBase64 } from '@proofpix/sdk/runtime';
import { install } from './bridge.ts';

/** The HTML standard's forgiving base64, over code units of 0 to 255. */
function btoa(data: string): string {
  const text = String(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new RangeError('btoa takes characters up to U+00FF.');
    bytes[i] = code;
  }
  return toBase64(bytes);
}

function atob(data: string): string {
  const text = String(data).replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
  const bytes = fromBase64(text + '='.repeat((4 - (text.length % 4)) % 4));
  let out = '';
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
}

install({ atob, btoa });

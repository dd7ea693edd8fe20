import { install } from './bridge.ts';

/** The Encoding standard's UTF-8 (https://encoding.spec.whatwg.org), which is all a bare isolate needs. */

class TextEncoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array {
    const source = String(text).toWellFormed();
    const bytes = new Uint8Array(source.length * 3);
    let at = 0;
    for (let i = 0; i < source.length; i++) {
      let code = source.charCodeAt(i);
      if (code < 0x80) {
        bytes[at++] = code;
        continue;
      }
      if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
      else {
        if (code >= 0xd800 && code <= 0xdfff) {
          code = 0x10000 + ((code & 0x3ff) << 10) + (source.charCodeAt(++i) & 0x3ff);
          bytes[at++] = 0xf0 | (code >> 18);
          bytes[at++] = 0x80 | ((code >> 12) & 63);
        } else bytes[at++] = 0xe0 | (code >> 12);
        bytes[at++] = 0x80 | ((code >> 6) & 63);
      }
      bytes[at++] = 0x80 | (code & 63);
    }
    return bytes.slice(0, at);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const char of text) {
      const bytes = this.encode(char);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += char.length;
    }
    return { read, written };
  }
}

const labels = new Set(['utf-8', 'utf8', 'unicode-1-1-utf-8']);

class TextDecoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #needed = 0;
  #code = 0;
  #lower = 0x80;
  #upper = 0xbf;
  #started = false;

  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!labels.has(String(label).trim().toLowerCase())) throw new RangeError(`The encoding ${label} is not supported here; utf-8 is.`);
    this.fatal = options.fatal === true;
    this.ignoreBOM = options.ignoreBOM === true;
  }

  #malformed(): string {
    this.#needed = 0;
    this.#lower = 0x80;
    this.#upper = 0xbf;
    if (this.fatal) throw new TypeError('The data is not valid UTF-8.');
    return '\ufffd';
  }

  #lead(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    if (byte >= 0xc2 && byte <= 0xdf) [this.#needed, this.#code] = [1, byte & 31];
    else if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) this.#lower = 0xa0;
      if (byte === 0xed) this.#upper = 0x9f;
      [this.#needed, this.#code] = [2, byte & 15];
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) this.#lower = 0x90;
      if (byte === 0xf4) this.#upper = 0x8f;
      [this.#needed, this.#code] = [3, byte & 7];
    } else return this.#malformed();
    return '';
  }

  #step(byte: number): string {
    if (this.#needed === 0) return this.#lead(byte);
    if (byte < this.#lower || byte > this.#upper) return this.#malformed() + this.#lead(byte);
    this.#lower = 0x80;
    this.#upper = 0xbf;
    this.#code = (this.#code << 6) | (byte & 63);
    return --this.#needed === 0 ? String.fromCodePoint(this.#code) : '';
  }

  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: boolean } = {}): string {
    const bytes = input === undefined ? new Uint8Array(0) : input instanceof ArrayBuffer ? new Uint8Array(input) : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    const pieces: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      let end = at;
      // Runs of ASCII are most of what there is.
      while (this.#needed === 0 && end < bytes.length && end - at < 8192 && (bytes[end] as number) < 0x80) end++;
      if (end > at) pieces.push(String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[]));
      at = end;
      if (at < bytes.length && (this.#needed > 0 || (bytes[at] as number) >= 0x80)) pieces.push(this.#step(bytes[at++] as number));
    }
    if (options.stream !== true && this.#needed > 0) pieces.push(this.#malformed());
    let text = pieces.join('');
    if (!this.#started && text.length > 0) {
      if (!this.ignoreBOM && text.startsWith('\ufeff')) text = text.slice(1);
      this.#started = true;
    }
    if (options.stream !== true) this.#started = false;
    return text;
  }
}

install({ TextEncoder, TextDecoder });

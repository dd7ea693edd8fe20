/** Characters of text, and how the bytes were read. Null: no text, whatever it is. */
export interface DecodedText {
  text: string;
  encoding: string;
}

/** Byte order marks (Unicode 16, section 23.8). */
function markOf(content: Uint8Array): string | null {
  if (content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf) return 'utf-8';
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  return content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : null;
}

/** UTF-16 without a mark: most characters of most texts have one byte that is zero, always the same one. */
function utf16Of(sample: Uint8Array): string | null {
  if (sample.length < 8) return null;
  let even = 0;
  let odd = 0;
  for (let at = 0; at + 1 < sample.length; at += 2) {
    if (sample[at] === 0) even += 1;
    if (sample[at + 1] === 0) odd += 1;
  }
  const pairs = sample.length / 2;
  if (odd > pairs * 0.4 && even < pairs * 0.05) return 'utf-16le';
  return even > pairs * 0.4 && odd < pairs * 0.05 ? 'utf-16be' : null;
}

/** UTF-8 whose last character may be cut off. */
function asUtf8(content: Uint8Array): string | null {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return decoder.decode(content, { stream: true });
  } catch {
    return null;
  }
}

/** Control characters that no text has; line ends, tabs, form feeds and escapes aside. */
function controlShare(text: string): number {
  const sample = text.length <= 16_384 ? text : text.slice(0, 8192) + text.slice(-8192);
  let controls = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const code = sample.charCodeAt(at);
    if ((code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13 && code !== 27) || (code >= 0x7f && code <= 0x9f) || code === 0xfffd) controls += 1;
  }
  return sample.length === 0 ? 0 : controls / sample.length;
}

/**
 * Plain text in UTF-8, UTF-16, the encoding it declares, or else Windows-1252, which no bytes contradict.
 *
 * @param declared a name by the Encoding Standard, from the document itself; an unknown one is passed over
 */
export function decodeText(content: Uint8Array, declared: string | null = null): DecodedText | null {
  const mark = markOf(content);
  if (mark !== null) {
    const text = new TextDecoder(mark).decode(content);
    return controlShare(text) > 0.1 ? null : { text, encoding: mark };
  }
  const wide = utf16Of(content.subarray(0, 4096));
  if (wide !== null) return { text: new TextDecoder(wide).decode(content), encoding: wide };
  const utf8 = asUtf8(content);
  if (utf8 !== null) return controlShare(utf8) > 0.05 ? null : { text: utf8, encoding: 'utf-8' };
  const named = declared === null ? null : decoderOf(declared);
  const decoder = named ?? new TextDecoder('windows-1252');
  const text = decoder.decode(content);
  return controlShare(text) > 0.02 ? null : { text, encoding: decoder.encoding };
}

export function decoderOf(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

/** What the beginning of an XML or HTML document says of its encoding (XML 1.0, section 4.3.3; HTML, section 4.2.5.4). */
export function declaredEncoding(content: Uint8Array): string | null {
  const head = new TextDecoder('latin1').decode(content.subarray(0, 4096));
  return /<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]{1,40})/i.exec(head)?.[1] ?? /<meta[^>]*\bcharset\s*=\s*["']?([\w.:-]{1,40})/i.exec(head)?.[1] ?? null;
}

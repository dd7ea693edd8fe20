/** Told of what a scan comes across. Names come without their prefix. Returning true from any ends the scan. */
export interface XmlVisitor {
  open?(name: string, attributes: Attributes): boolean | void;
  close?(name: string): boolean | void;
  text?(text: string): boolean | void;
}

/** The value of an attribute, by its name with or without prefix; null when it is not there. */
export type Attributes = (name: string) => string | null;

const chunkBytes = 1_048_576;
/** Mark-up or text without a mark in between; what is longer is no document. */
const maxRestCharacters = 16_777_216;
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five entities of XML and character references; what a DTD declares is never expanded, but left out. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([\w.:-]{1,64}));/gi, (_, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    if (name !== undefined) return named[name] ?? '';
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

const attribute = /([^\s=/"'<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

function attributesOf(tag: string): Attributes {
  let parsed: Map<string, string> | null = null;
  return (name) => {
    if (parsed === null) {
      parsed = new Map();
      for (const [, key = '', double, single] of tag.matchAll(attribute)) {
        const value = decodeXml(double ?? single ?? '');
        parsed.set(key, value);
        const local = key.slice(key.indexOf(':') + 1);
        if (!parsed.has(local)) parsed.set(local, value);
      }
    }
    return parsed.get(name) ?? null;
  };
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
const tagName = /^[^\s/>]+/;

/** Where the mark-up that begins at `at` ends, exclusively; -1 when its end has not come yet. */
function endOfMarkup(text: string, at: number): number {
  const past = (mark: string, from: number): number => {
    const found = text.indexOf(mark, from);
    return found < 0 ? -1 : found + mark.length;
  };
  if (text.startsWith('<!--', at)) return past('-->', at + 4);
  if (text.startsWith('<![CDATA[', at)) return past(']]>', at + 9);
  if (text.startsWith('<?', at)) return past('?>', at + 2);
  if (text.startsWith('<!DOCTYPE', at)) {
    // With an internal subset it ends behind the subset's bracket.
    const bracket = text.indexOf('[', at);
    const close = text.indexOf('>', at);
    if (bracket < 0 || (close >= 0 && close < bracket)) return close < 0 ? -1 : close + 1;
    const subset = /\]\s*>/g;
    subset.lastIndex = bracket;
    return subset.test(text) ? subset.lastIndex : -1;
  }
  // A quoted `>` does not end a tag.
  for (let end = at + 1, quote = ''; end < text.length; end += 1) {
    const character = text[end] as string;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return end + 1;
  }
  return -1;
}

const encodingOf = (bytes: Uint8Array): string => (bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8');

/**
 * Walks through XML a megabyte at a time, without a tree, a DTD or recursion, forgiving what is not well-formed: for
 * text of office files, whose writers err and whose attackers try. Ends quietly where the XML breaks off.
 */
export function scanXml(bytes: Uint8Array, visitor: XmlVisitor): void {
  const decoder = new TextDecoder(encodingOf(bytes));
  let rest = '';

  function markup(piece: string): boolean {
    if (piece.startsWith('<![CDATA[')) return visitor.text?.(piece.slice(9, -3)) === true;
    if (piece.startsWith('<!') || piece.startsWith('<?')) return false;
    if (piece.startsWith('</')) return visitor.close?.(localName(tagName.exec(piece.slice(2))?.[0] ?? '')) === true;
    const name = localName(tagName.exec(piece.slice(1))?.[0] ?? '');
    if (visitor.open?.(name, attributesOf(piece)) === true) return true;
    return piece.endsWith('/>') && visitor.close?.(name) === true;
  }

  /** The text up to the last whole piece of mark-up; true when the visitor has enough. */
  function take(text: string, isLast: boolean): boolean {
    let at = 0;
    for (;;) {
      const open = text.indexOf('<', at);
      if (open < 0) {
        // An entity may be cut in two: text waits for what comes behind it.
        rest = isLast ? '' : text.slice(at);
        return isLast && at < text.length && visitor.text?.(decodeXml(text.slice(at))) === true;
      }
      const end = endOfMarkup(text, open);
      if (end < 0) {
        rest = text.slice(at);
        return false;
      }
      if (open > at && visitor.text?.(decodeXml(text.slice(at, open))) === true) return true;
      if (markup(text.slice(open, end))) return true;
      at = end;
    }
  }

  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const isLast = at + chunkBytes >= bytes.length;
    if (take(rest + decoder.decode(bytes.subarray(at, at + chunkBytes), { stream: !isLast }), isLast) || rest.length > maxRestCharacters) return;
  }
}

import { createTextFlow } from './text-flow.ts';
import { decoderOf } from './decode-text.ts';

/** Groups whose text is not the document's (Rich Text Format 1.9.1): tables of fonts and styles, pictures, objects, fields' instructions. */
const skipped = new Set(
  'fonttbl colortbl stylesheet info pict object objdata fldinst themedata colorschememapping datastore latentstyles listtable listoverridetable revtbl rsidtbl generator filetbl xmlnstbl mmathPr wgrffmtfilter pgdsctbl bkmkstart bkmkend nonshppict shpinst sp sn sv panose falt datafield'.split(' '),
);
const kept = new Set(['shptxt', 'shppict']);
const lines = new Set(['par', 'line', 'sect', 'page', 'row', 'nestrow']);
const characters: Readonly<Record<string, string>> = { emdash: '\u2014', endash: '\u2013', lquote: '\u2018', rquote: '\u2019', ldblquote: '\u201c', rdblquote: '\u201d', bullet: '\u2022', emspace: '\u2003', enspace: '\u2002', qmspace: '\u2005' };
/** Of `\fcharset` the ones that are not Windows-1252. */
const charsets: Readonly<Record<number, string>> = { 128: 'shift_jis', 129: 'euc-kr', 134: 'gbk', 136: 'big5', 161: 'windows-1253', 162: 'windows-1254', 163: 'windows-1258', 177: 'windows-1255', 178: 'windows-1256', 186: 'windows-1257', 204: 'windows-1251', 222: 'windows-874', 238: 'windows-1250' };
const codePages: Readonly<Record<number, string>> = { 437: 'windows-1252', 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5', 10000: 'macintosh', 65001: 'utf-8' };
const maxDepth = 2000;

interface Group {
  skip: boolean;
  deleted: boolean;
  /** Characters that stand for a `\u` in older readers. */
  fallback: number;
  encoding: string;
  isFontTable: boolean;
}

const token = /\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([\r\n]+)|([^\\{}\r\n]+)/g;

/** The text of an RTF document; null when its braces are nested beyond all sense. `isWhole` is false when it breaks off. */
export function rtfToPlain(content: Uint8Array, maxCharacters: number): { text: string; isWhole: boolean } | null {
  const source = new TextDecoder('latin1').decode(content);
  const flow = createTextFlow();
  const fonts = new Map<number, string>();
  const stack: Group[] = [];
  let group: Group = { skip: false, deleted: false, fallback: 1, encoding: 'windows-1252', isFontTable: false };
  let defaultEncoding = 'windows-1252';
  let font = 0;
  let toSkip = 0;
  let isOptional = false;
  let bytes: number[] = [];

  const emit = (text: string): void => {
    if (!group.skip && !group.deleted) flow.text(text);
  };
  const flush = (): void => {
    if (bytes.length > 0) emit((decoderOf(group.encoding) ?? new TextDecoder('windows-1252')).decode(Uint8Array.from(bytes)));
    bytes = [];
  };

  function word(name: string, value: number | null): void {
    if (name === 'u' && value !== null) {
      emit(String.fromCharCode(value < 0 ? value + 65_536 : value));
      toSkip = group.fallback;
    } else if (name === 'uc') group.fallback = Math.max(0, Math.min(16, value ?? 1));
    else if (lines.has(name)) {
      if (!group.skip) flow.gap('\n');
    } else if (name === 'tab' || name === 'cell' || name === 'nestcell') {
      if (!group.skip) flow.gap('\t');
    } else if (name === 'ansicpg' && value !== null) group.encoding = defaultEncoding = codePages[value] ?? `windows-${value}`;
    else if (name === 'fonttbl') group.isFontTable = group.skip = true;
    else if (name === 'f' && value !== null) {
      font = value;
      if (!group.isFontTable) group.encoding = fonts.get(value) ?? defaultEncoding;
    } else if (name === 'fcharset' && group.isFontTable) fonts.set(font, charsets[value ?? 0] ?? defaultEncoding);
    else if (name === 'deleted') group.deleted = value !== 0;
    else if (name === 'plain') group.deleted = false;
    else if (kept.has(name)) group.skip = false;
    else if (skipped.has(name) || isOptional) group.skip = true;
    else if (characters[name] !== undefined) emit(characters[name]);
  }

  const tokens = new RegExp(token);
  for (let found = tokens.exec(source); found !== null; found = tokens.exec(source)) {
    const [, name, parameter, hex, symbol, brace, lineEnd, plain] = found;
    if (hex === undefined) flush();
    if (name !== undefined) {
      // That many bytes follow which are no mark-up.
      if (name === 'bin') tokens.lastIndex += Math.max(0, Number(parameter ?? 0));
      if (toSkip > 0) toSkip -= 1;
      word(name, parameter === undefined ? null : Number(parameter));
      isOptional = false;
    } else if (hex !== undefined) {
      if (toSkip > 0) toSkip -= 1;
      else bytes.push(Number.parseInt(hex, 16));
    } else if (symbol !== undefined) {
      isOptional = symbol === '*';
      if (symbol === '~') emit(' ');
      else if (symbol === '_') emit('\u2011');
      else if (symbol === '\n' || symbol === '\r') flow.gap('\n');
      else if (symbol === '\\' || symbol === '{' || symbol === '}') emit(symbol);
    } else if (brace === '{') {
      if (stack.length >= maxDepth) return null;
      stack.push(group);
      group = { ...group };
    } else if (brace === '}') {
      group = stack.pop() ?? group;
      toSkip = 0;
      isOptional = false;
    } else if (plain !== undefined && lineEnd === undefined) {
      const shown = plain.slice(toSkip);
      toSkip = Math.max(0, toSkip - plain.length);
      // Eight-bit characters that should have been escaped.
      emit(/[\u0080-\u00ff]/.test(shown) ? (decoderOf(group.encoding) ?? new TextDecoder('windows-1252')).decode(Uint8Array.from(shown, (character) => character.charCodeAt(0))) : shown);
    }
    if (flow.length > maxCharacters) break;
  }
  flush();
  return { text: flow.toString(), isWhole: stack.length === 0 };
}

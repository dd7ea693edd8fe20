/** A word with where it stands. */
export interface Word {
  text: string;
  lower: string;
  start: number;
  end: number;
  /** Begins with a capital letter; a script without case has none. */
  capital: boolean;
  /** What stands between the word before and this one. */
  gap: string;
}

const gapChars = 6;
const mostParts = 5;
const other = 1;
const letter = 2;
const capitalLetter = 3;
/** Marks and digits: within a word, never at its beginning. */
const inner = 4;
/** By UTF-16 code unit; 0 is not known yet. A table, because asking a pattern for every character takes most of the time. */
const kinds = new Uint8Array(0x1_0000);

function kindOf(character: string): number {
  if (/^\p{Lu}/u.test(character)) return capitalLetter;
  if (/^\p{L}/u.test(character)) return letter;
  return /^[\p{M}\p{N}]/u.test(character) ? inner : other;
}

/** Kind of the character at `at`; of two code units that make one, the kind of both. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0xd800 && code < 0xe000) return kindOf(String.fromCodePoint(text.codePointAt(code >= 0xdc00 && at > 0 ? at - 1 : at) ?? code));
  return (kinds[code] ||= kindOf(String.fromCharCode(code)));
}

const isJoint = (code: number): boolean => code === 0x27 || code === 0x2d || code === 0x2019;

/** Behind the letters, marks and digits from `at` on. */
function partEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && kindAt(text, end) !== other) end += 1;
  return end;
}

/** Words of letters, with hyphens and apostrophes inside. A trailing possessive is left off. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let last = 0;
  for (let at = 0; at < text.length; at += 1) {
    const kind = kindAt(text, at);
    if (kind !== letter && kind !== capitalLetter) continue;
    let end = partEnd(text, at);
    for (let parts = 1; parts < mostParts && isJoint(text.charCodeAt(end)) && end + 1 < text.length && (kindAt(text, end + 1) & letter) === letter; parts += 1) end = partEnd(text, end + 1);
    const matchEnd = end;
    const tail = text.charCodeAt(end - 2);
    if (end - at > 2 && (text.charCodeAt(end - 1) | 32) === 0x73 && (tail === 0x27 || tail === 0x2019)) end -= 2;
    const word = text.slice(at, end);
    words.push({ text: word, lower: word.toLowerCase(), start: at, end, capital: kind === capitalLetter, gap: text.slice(Math.max(last, at - gapChars), at) });
    last = end;
    at = matchEnd - 1;
  }
  return words;
}

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

const shape = /\p{L}[\p{L}\p{M}\p{N}]*(?:['’-]\p{L}[\p{L}\p{M}\p{N}]*){0,4}/gu;
const gapChars = 6;

/** Words of letters, with hyphens and apostrophes inside. A trailing possessive is left off. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let last = 0;
  for (const { 0: match, index } of text.matchAll(shape)) {
    const word = match.replace(/['’]s$/i, '');
    words.push({ text: word, lower: word.toLowerCase(), start: index, end: index + word.length, capital: /^\p{Lu}/u.test(word), gap: text.slice(Math.max(last, index - gapChars), index) });
    last = index + word.length;
  }
  return words;
}

import { detectAll } from 'tinyld/light';
import { functionWords, tellingLetters } from './function-words.ts';

/** A language of a text; null when there is too little of it. */
export interface DetectedLanguage {
  /** ISO 639-1. */
  language: string | null;
  /** 0 to 1. */
  confidence: number;
}

/** Beyond that the answer does not change. */
export const sampleCharacters = 8000;
const fewestLetters = 20;
const word = /\p{L}[\p{L}\p{M}'’]*/gu;
const noLanguage = /https?:\/\/\S{1,500}|[\w.+-]{1,64}@[\w.-]{1,255}|[\d_#<>{}[\]|\\/=]+/g;

/** How much of the text's function words each language has: one that two languages share counts half for each. */
function wordShares(words: readonly string[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const one of words) {
    const languages = functionWords.get(one) ?? [];
    for (const language of languages) shares.set(language, (shares.get(language) ?? 0) + 1 / languages.length / Math.max(words.length, 4));
  }
  return shares;
}

/** For each telling letter 0.3, less in longer texts where one may be in a name; at most 0.6. */
function letterShares(sample: string): Map<string, number> {
  const shares = new Map<string, number>();
  for (const letter of sample.toLowerCase()) {
    const languages = tellingLetters.get(letter) ?? [];
    for (const language of languages) shares.set(language, Math.min(0.6, (shares.get(language) ?? 0) + Math.min(0.3, 40 / sample.length) / languages.length));
  }
  return shares;
}

/** By letter statistics and function words of the text's beginning, in bounded time. */
export function detectLanguage(text: string): DetectedLanguage {
  const sample = text.slice(0, sampleCharacters).replaceAll(noLanguage, ' ');
  const words = (sample.match(word) ?? []).map((one) => one.toLowerCase());
  if (words.reduce((sum, one) => sum + one.length, 0) < fewestLetters) {
    // a script that writes without spaces says much in few letters
    if (words.join('').length < 6 || !/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u.test(sample)) return { language: null, confidence: 0 };
  }
  const scores = new Map(detectAll(sample).map(({ lang, accuracy }) => [lang, accuracy / 2]));
  for (const [language, share] of wordShares(words)) scores.set(language, (scores.get(language) ?? 0) + Math.min(1, share * 2.5));
  for (const [language, share] of letterShares(sample)) scores.set(language, (scores.get(language) ?? 0) + share);
  const [[language, best] = [null, 0], [, second] = [null, 0]] = [...scores].toSorted((a, b) => b[1] - a[1]);
  if (language === null || best === 0) return { language: null, confidence: 0 };
  return { language, confidence: Math.round((best / (best + second + 0.05)) * 100) / 100 };
}

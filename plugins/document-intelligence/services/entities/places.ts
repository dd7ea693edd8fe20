import { commonWords } from './common-words.ts';
import { placeBeginnings, placeNames, placeWords } from './place-names.ts';
import { spanAt, type Span } from './span.ts';
import type { Word } from './words-of.ts';

const lead =
  /\b(?:(?:mov(?:ed?|ing)|travel(?:l?ing|l?ed)?|fl(?:y|ying|ew)|trip|return(?:ed|ing)?|born|liv(?:e[sd]?|ing)|based|located|arrive[sd]?|arriving|resid(?:es?|ing|ent)|originally|offices?|headquartered|situated|grew up|stay(?:ed|ing)?|went|going|dr[io]ve|streets?|come|comes|citizen|city|town|village|back|wohnt|wohnhaft|geboren)(?: here| again)? (?:in|from|to|at|near|of|aus)|visit(?:ed|ing)?|in|across|throughout|near) $/i;
// a line of capital words between one that ends with a number, as streets do, and one that begins with a country or a postcode
const townLine = /(?<=\d\.?\n[ ?>]{0,5})\p{Lu}[\p{L}\p{M}'’.-]{1,30}(?: [\p{L}\p{M}'’.-]{1,30}){0,4}(?=\n{1,2}[ ?>]{0,5}(\p{Lu}[\p{L} ]{2,40}|\d{4,6}))/gu;
const unsureLead = /\b(?:in|near|across) $/i;
const capital = /^\p{Lu}/u;
const month = /^(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/;

/** Known countries, states and cities, and capital words behind what leads to a place. */
export function* places(text: string, words: readonly Word[]): Iterable<Span> {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as Word;
    let names = word.lower;
    let longest = placeNames.has(names) && (word.capital || word.text.length > 4) ? at : -1;
    const most = placeBeginnings.has(names) ? Math.min(words.length, at + placeWords) : 0;
    for (let next = at + 1; next < most; next += 1) {
      const following = words[next] as Word;
      if (following.gap !== ' ' && following.gap !== '. ') break;
      names += ` ${following.lower}`;
      if (placeNames.has(names)) longest = next;
    }
    if (longest >= 0) {
      yield spanAt('place', text, word.start, (words[longest] as Word).end - word.start, { score: word.capital ? 0.8 : 0.55, validator: 'known-place' });
      at = longest;
      continue;
    }
    const led = word.capital && !commonWords.has(word.lower) && !month.test(word.lower) ? lead.exec(text.slice(Math.max(0, word.start - 32), word.start)) : null;
    if (led === null) continue;
    let end = at;
    while (end - at < 3 && words[end + 1]?.gap === ' ' && capital.test((words[end + 1] as Word).text) && !commonWords.has((words[end + 1] as Word).lower)) end += 1;
    yield spanAt('place', text, word.start, (words[end] as Word).end - word.start, { score: unsureLead.test(led[0]) && led[0].length < 6 ? 0.55 : 0.66, validator: 'led-to', context: led[0].trim() });
    at = end;
  }
  for (const { 0: match, 1: next = '', index } of text.matchAll(townLine)) {
    if (/^\d/.test(next) || placeNames.has(next.trim().toLowerCase())) yield spanAt('place', text, index, match.length, { score: 0.64, validator: 'town-line' });
  }
}

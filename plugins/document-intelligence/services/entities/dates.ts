import { spanAt, type Span } from './span.ts';

const months =
  '(?:jan(?:uary|uar|vier|uari)?|feb(?:ruary|ruar|ruari)?|février|mar(?:ch|s|zo)?|märz|maart|apr(?:il)?|avril|abril|aprile|may|mai|mei|mayo|maggio|june?|juni|juin|junio|giugno|july?|juli|juillet|julio|luglio|aug(?:ust|ustus)?|août|agosto|sept?(?:ember|embre|iembre)?|settembre|o[ck]t(?:ober|obre|ubre)?|ottobre|nov(?:ember|embre|iembre)?|de[cz](?:ember|embre|iembre)?|décembre|dicembre|enero|febrero|gennaio|febbraio|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro)';
const day = '(?:0?[1-9]|[12]\\d|3[01])';
const month = '(?:0?[1-9]|1[0-2])';
const time = '(?:[T ,]{1,2}(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?(?: ?(?:[ap]\\.?m\\.?|Z|[+-]\\d{2}:?\\d{2}))?)?';
const edge = '(?![\\p{L}\\p{N}]|[./-]\\d)';
const startEdge = '(?<![\\p{L}\\p{N}]|\\d[./-])';
const of = (source: string): RegExp => new RegExp(`${startEdge}${source}${edge}`, 'giu');

const shapes: readonly (readonly [validator: string, score: number, pattern: RegExp])[] = [
  ['iso-8601', 0.95, of(`(?:1[5-9]|2[01])\\d{2}([-/.])${month}\\1${day}${time}`)],
  ['day-month-year', 0.9, of(`${day}([./-])${month}\\1(?:1[5-9]\\d{2}|20\\d{2}|2100)${time}`)],
  ['month-day-year', 0.9, of(`${month}([./-])${day}\\1(?:1[5-9]\\d{2}|20\\d{2}|2100)${time}`)],
  ['short-year', 0.55, of(`${day}([./-])${month}\\1\\d{2}`)],
  ['month-name', 0.92, of(`${day}(?:st|nd|rd|th|\\.|er|º)?(?: of| de)?[ -]${months}\\.?(?:(?:,? | de |-)(?:1[5-9]|20)\\d{2})?${time}`)],
  ['month-name', 0.92, of(`${months}\\.? ${day}(?:st|nd|rd|th)?(?:,? (?:1[5-9]|20)\\d{2})?${time}`)],
  ['month-year', 0.8, of(`${months}\\.?,? (?:1[5-9]|20)\\d{2}`)],
  ['weekday', 0.6, of('(?:next |last )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)')],
];
const year = of('(?:1[89]\\d{2}|20[0-4]\\d)');
const yearBefore = /(?:^|[^\p{L}])(?:in|since|of|from|until|till|by|year|before|after|a|the|seit|anno|jahr|depuis|en|desde|dal|nel|sinds|\()\s?$/iu;

/** Dates and times in numbers and words of several languages, weekdays, and years where a preposition stands before them. */
export function* dates(text: string): Iterable<Span> {
  for (const [validator, score, pattern] of shapes) for (const { 0: match, index } of text.matchAll(pattern)) yield spanAt('date', text, index, match.length, { score, validator });
  for (const { 0: match, index } of text.matchAll(year)) {
    if (yearBefore.test(text.slice(Math.max(0, index - 8), index))) yield spanAt('date', text, index, match.length, { score: 0.55, validator: 'year' });
  }
}

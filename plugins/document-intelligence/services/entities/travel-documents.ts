import { spanAt, type EntityType, type Span } from './span.ts';

/*
 * Hundreds of formats without public check digits: only the words before one tell it. ICAO 9303
 * allows a passport nine characters; AAMVA's list of licences goes to nineteen.
 */
const rules: readonly (readonly [EntityType, RegExp])[] = [
  ['driver-licence', /(?:driv(?:er|ing)(?:['’]?s)?[ -]licen[cs]e|\bDL\b|führerschein(?:nummer)?|permis de conduire|permiso de conducir|patente di guida|rijbewijs)(?: ?(?:number|no\.?|num\.?|nr\.?|#|n°|id))?[ :=#]{0,3}(?:is |ist |was )?([A-Z0-9](?:[ -]?[A-Z0-9]){4,18})(?![\p{L}\p{N}])/giu],
  ['passport', /(?:passports?|reisepass(?:nummer)?|passeport|pasaporte|passaporto|paspoort)(?: ?(?:number|no\.?|num\.?|nr\.?|#|n°|id))?[ :=#]{0,3}(?:is |ist |was )?([A-Z0-9]{6,9})(?![\p{L}\p{N}])/giu],
];
/*
 * Licence numbers that carry the date of birth, the month with 50 added for women, so that a shape alone tells them:
 * Great Britain's (DVLA: five of the surname, date, initials, check) and Ontario's (initial, name and date of birth).
 */
const month = '(?:[05][1-9]|[16][0-2])';
const day = '(?:0[1-9]|[12]\\d|3[01])';
const shaped: readonly (readonly [validator: string, pattern: RegExp])[] = [
  ['gb-driving-licence', new RegExp(`(?<![A-Z0-9])(?=[A-Z])[A-Z9]{5}\\d${month}${day}\\d[A-Z9]{2}[A-Z0-9][A-Z]{2}(?![A-Z0-9])`, 'g')],
  ['ca-on-driver-licence', new RegExp(`(?<![A-Z0-9])[A-Z]\\d{4}-\\d{5}-\\d${month}${day}(?![A-Z0-9-])`, 'g')],
];
const cue = new Map<EntityType, string>([['driver-licence', 'licence'], ['passport', 'passport']]);

/** Driver licences and passports right behind the word that names them, with at least four digits, and licences whose shape tells them. */
export function* travelDocuments(text: string): Iterable<Span> {
  for (const [type, pattern] of rules) {
    for (const { 0: match, 1: code = '', index } of text.matchAll(pattern)) {
      // a word after the number is no part of it
      const length = (/^(?:[^ ]*\d[^ ]*(?: (?=[^ ]*\d))?)+/.exec(code)?.[0] ?? '').trimEnd().length;
      const start = index + match.length - code.length;
      if (code.slice(0, length).replaceAll(/\D/g, '').length >= 4) yield spanAt(type, text, start, length, { score: 0.85, validator: 'named', context: cue.get(type) ?? null });
    }
  }
  for (const [validator, pattern] of shaped) for (const { 0: match, index } of text.matchAll(pattern)) yield spanAt('driver-licence', text, index, match.length, { score: 0.9, validator });
}

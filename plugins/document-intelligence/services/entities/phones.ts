import { contextWord, words } from './context-word.ts';
import { spanAt, type Span } from './span.ts';

/*
 * E.164: at most fifteen digits. Groups are joined by one separator, or by a bracket beside a
 * space; every repeat is bounded.
 */
const shape = /(?<![\p{L}\p{N}+/-]|\p{N}[.,:])(?:\+|00[ -]?|\()?\d{1,14}(?:(?:[ ./-]|\)[ -]?|[ -]?\(|-\()\d{1,13}){0,7}(?:[ ,]{0,2}(?:x|ext\.?|extension|durchwahl)[ .]?\d{1,6})?(?![\p{L}\p{N}%°/]|[.,:-]\d)/giu;
const near = words('phones?', 'telephone', 'tel', 'call', 'called', 'calling', 'mobile', 'cell', 'fax', 'desk', 'office', 'sms', 'text me', 'whatsapp', 'dial', 'hotline', 'reach', 'answering', 'ring', 'messages? to', 'contact', 'registered',
  'telefon', 'handy', 'mobil', 'rufnummer', 'téléphone', 'portable', 'appeler', 'teléfono', 'móvil', 'celular', 'telefone', 'telemóvel', 'cellulare', 'telefono', 'telefoon', 'puhelin', 'telefonnummer', 'telefonszám');
const other = words('order', 'invoice', 'account', 'iban', 'zip', 'card', 'cc', 'ssn', 'social security', 'license', 'licence', 'passport', 'version', 'isbn', 'serial', 'article', 'reference', 'ref', 'id');
// Country codes of ITU-T E.164's list: one digit, or two, or else three of a zone that is cut that way.
const zone = /^(?:1|7|2(?:0|7|1[123689]|[2-69]\d)|3(?:[0-469]|[578]\d)|4(?:[013-9]|2[013])|5(?:[1-8]|0\d|9\d)|6(?:[0-6]|[789]\d)|8(?:[1246]|[05]\d|8[0-36-8])|9(?:[0-58]|6[0-8]|7[0-79]|9[2-68]))/;
const date = /^(?:\d{4}([ ./-])\d{1,2}\1\d{1,2}|\d{1,2}([ ./-])\d{1,2}\2\d{2,4})$/;

/** Numbers in international form (+ or 00, a country code that exists) and in national forms, which need a shape that few other numbers have or a word beside them. */
export function* phones(text: string): Iterable<Span> {
  for (const { 0: match, index } of text.matchAll(shape)) {
    const [main = ''] = match.split(/[a-z]/i);
    const digits = main.replaceAll(/\D/g, '');
    if (digits.length < 6 || digits.length > 15 || date.test(main.trim()) || match.includes('(') !== match.includes(')')) continue;
    const international = /^(?:\+|00(?!0))/.test(main);
    if (international && !zone.test(digits.replace(/^00/, ''))) continue;
    const groups = main.split(/\D+/).filter((group) => group !== '').length;
    let score = 0.2;
    if (international) score = 0.8;
    else if (/^\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}/.test(main) || /^\(0?\d{1,4}\)/.test(main) || match !== main) score = 0.6;
    else if (groups > 1 && main.startsWith('0') && digits.length >= 8) score = 0.55;
    else if (groups > 1 && digits.length >= 7 && digits.length <= 11) score = 0.35;
    const context = contextWord(text, index, index + match.length, near);
    if (context !== null && digits.length >= 7) score = Math.min(0.97, score + 0.4);
    else if (contextWord(text, index, index, other) !== null) score -= 0.3;
    yield spanAt('phone', text, index, match.length, { score: Math.max(0.05, score), validator: international ? 'e164' : 'national-form', context });
  }
}

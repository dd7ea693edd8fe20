import { digitsOf, luhn } from './check-digits.ts';
import { contextWord, words } from './context-word.ts';
import { spanAt, type Span } from './span.ts';

const shape = /(?<![\d+/-]|\d[ .])\d(?:[ -]?\d){11,18}(?![\d/-])/g;
const near = words('cards?', 'cc', 'credit', 'debit', 'visa', 'mastercard', 'amex', 'maestro', 'karte', 'kreditkarte', 'carte', 'tarjeta', 'carta', 'cart[aã]o', 'kort');

/** Issuer identification numbers as the schemes publish them, with the lengths they issue (ISO/IEC 7812). */
function issuer(digits: string): string | null {
  const { length } = digits;
  const four = Number(digits.slice(0, 4));
  const two = Math.trunc(four / 100);
  if (digits.startsWith('4')) return [13, 16, 19].includes(length) ? 'visa' : null;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16 ? 'mastercard' : null;
  if (two === 34 || two === 37) return length === 15 ? 'amex' : null;
  if ((four >= 3000 && four <= 3059) || four === 3095 || two === 36 || two === 38 || two === 39) return length >= 14 ? 'diners' : null;
  if (four === 6011 || two === 65 || (four >= 6440 && four <= 6499)) return length >= 16 ? 'discover' : null;
  if (four === 1800 || four === 2131) return length === 15 ? 'jcb' : null;
  if (four >= 3528 && four <= 3589) return length >= 16 ? 'jcb' : null;
  if (two === 62) return length >= 16 ? 'unionpay' : null;
  if (two === 50 || (two >= 56 && two <= 58) || two === 60 || two === 63 || two === 67) return 'maestro';
  return null;
}

/**
 * Payment cards: Luhn, with an issuer's range and length or else a word beside it that says card.
 * Maestro's wide ranges below 16 digits need that word too.
 */
export function* cards(text: string): Iterable<Span> {
  for (const { 0: match, index } of text.matchAll(shape)) {
    const digits = match.replaceAll(/\D/g, '');
    if (!luhn(digitsOf(digits)) || /^(\d)\1*$/.test(digits)) continue;
    const scheme = issuer(digits);
    const context = contextWord(text, index, index + match.length, near);
    if (scheme === null && context === null) continue;
    const bare = scheme === 'maestro' && digits.length < 16 ? 0.4 : 0.85;
    const named = scheme === null ? 0.75 : 0.99;
    yield spanAt('card', text, index, match.length, { score: context === null ? bare : named, validator: scheme === null ? 'luhn' : `luhn-${scheme}`, context });
  }
}

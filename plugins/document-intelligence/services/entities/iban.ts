import { mod97 } from './check-digits.ts';
import { spanAt, type Span } from './span.ts';

/** Lengths by country, from the SWIFT IBAN Registry. */
const lengths = new Map(
  ('AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 ' +
    'JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20')
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);
const start = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?=[ -]?[A-Z0-9])/giu;
const printedChars = 48;

/** ISO 13616: as long as its country has them, and MOD 97-10 over the rearranged characters. Printed in groups or not. */
export function* ibans(text: string): Iterable<Span> {
  for (const { 0: head, index } of text.matchAll(start)) {
    const wanted = lengths.get(head.slice(0, 2).toUpperCase());
    if (wanted === undefined) continue;
    const printed = text.slice(index, index + printedChars);
    let code = '';
    let at = 0;
    for (; at < printed.length && code.length < wanted; at += 1) {
      const char = printed.charAt(at);
      if (/[A-Za-z0-9]/.test(char)) code += char.toUpperCase();
      else if (!/[ -]/.test(char) || !/[A-Za-z0-9]/.test(printed.charAt(at + 1))) break;
    }
    if (code.length !== wanted || /^[\p{L}\p{N}]/u.test(text.slice(index + at, index + at + 1))) continue;
    const rearranged = (code.slice(4) + code.slice(0, 4)).replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
    if (mod97(rearranged) === 1) yield spanAt('iban', text, index, at, { score: 0.99, validator: 'mod-97' });
  }
}

import { digitsOf, ean13, luhn, mod1110, mod97, verhoeff, weighted } from './check-digits.ts';
import { words } from './context-word.ts';

/** One country's number: how it is written, what its check digits say, which words stand beside it. */
export interface NationalIdRule {
  validator: string;
  pattern: RegExp;
  isValid(match: string): boolean;
  near: RegExp;
  /** Score without a word nearby: low for plain digits that one in ten random numbers would satisfy. */
  bare: number;
}

const digit = (source: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}]|\\d[.,/-])${source}(?![\\p{L}\\p{N}]|[.,/-]\\d)`, 'giu');
const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';
const dayMonth = (day: number, month: number): boolean => day >= 1 && day <= 31 && month >= 1 && month <= 12;
const number = (digits: readonly number[], from: number, to: number): number => Number(digits.slice(from, to).join(''));
const mod11 = (rest: number): number => (rest < 2 ? 0 : 11 - rest);
const varied = (digits: readonly number[]): boolean => new Set(digits).size > 1;

/** Agenzia delle Entrate, DM 23 December 1976: values of characters on odd places. */
const oddValues = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function codiceFiscale(match: string): boolean {
  const values = [...match.toUpperCase()].map((char) => (char >= 'A' ? char.charCodeAt(0) - 65 : Number(char)));
  return values.slice(0, 15).reduce((sum, value, at) => sum + (at % 2 === 0 ? (oddValues[value] as number) : value), 0) % 26 === values[15];
}

/** IdNrVO §2 and the BZSt's note: of the first ten digits one comes twice or three times. */
function steuerId(match: string): boolean {
  const digits = digitsOf(match);
  const counts = new Map<number, number>();
  for (const one of digits.slice(0, 10)) counts.set(one, (counts.get(one) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return digits[0] !== 0 && repeated.length === 1 && (repeated[0] as number) <= 3 && mod1110(digits);
}

function cpf(match: string): boolean {
  const digits = digitsOf(match);
  const check = (count: number): number => mod11(weighted(digits, Array.from({ length: count }, (_, at) => count + 1 - at)) % 11);
  return varied(digits) && digits[9] === check(9) && digits[10] === check(10);
}

export const nationalIdRules: readonly NationalIdRule[] = [
  // SSA, POMS RM 10201.035: areas 000, 666 and 900 to 999, group 00 and serial 0000 are not given
  { validator: 'us-ssn', pattern: digit('(?!000|666|9)\\d{3}([ -])(?!00)\\d{2}\\1(?!0000)\\d{4}'), isValid: () => true, near: words('ssn', 'social security', 'social', 'taxpayer'), bare: 0.8 },
  { validator: 'us-ssn', pattern: digit('(?!000|666|9)\\d{3}(?!00)\\d{2}(?!0000)\\d{4}'), isValid: () => true, near: words('ssn', 'social security'), bare: 0.1 },
  // IRS, IRM 3.21.263: fourth and fifth digits 50 to 65, 70 to 88, 90 to 92, 94 to 99
  { validator: 'us-itin', pattern: digit('9\\d{2}[ -]?(?:5\\d|6[0-5]|7\\d|8[0-8]|9[0-24-9])[ -]?\\d{4}'), isValid: () => true, near: words('itin', 'taxpayer', 'tax id'), bare: 0.3 },
  { validator: 'de-steuer-id', pattern: digit('\\d{2} ?\\d{3} ?\\d{3} ?\\d{3}'), isValid: steuerId, near: words('steuer-?id', 'steueridentifikationsnummer', 'steuernummer', 'idnr', 'identifikationsnummer', 'tax id'), bare: 0.4 },
  // INSEE: key = 97 − number mod 97, with 2A as 19 and 2B as 18
  { validator: 'fr-nir', pattern: digit('[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}'), isValid: (match) => { const plain = match.replaceAll(' ', '').toUpperCase().replace('2A', '19').replace('2B', '18'); return 97 - mod97(plain.slice(0, 13)) === Number(plain.slice(13)); }, near: words('nir', 'sécurité sociale', 'insee', 'sécu'), bare: 0.9 },
  // RD 1553/2005 and Orden INT/2058/2008: letter by the number modulo 23; X, Y, Z stand for 0, 1, 2
  { validator: 'es-dni', pattern: digit('\\d{8}[ -]?[A-HJ-NP-TV-Z]'), isValid: (match) => letters[Number(match.slice(0, 8)) % 23] === match.at(-1)?.toUpperCase(), near: words('dni', 'nif', 'documento'), bare: 0.85 },
  { validator: 'es-nie', pattern: digit('[XYZ][ -]?\\d{7}[ -]?[A-HJ-NP-TV-Z]'), isValid: (match) => letters[Number(String('XYZ'.indexOf(match.charAt(0).toUpperCase())) + match.replaceAll(/\D/g, '')) % 23] === match.at(-1)?.toUpperCase(), near: words('nie', 'extranjero'), bare: 0.9 },
  { validator: 'it-codice-fiscale', pattern: digit('[A-Z]{6}\\d{2}[ABCDEHLMPRST]\\d{2}[A-Z]\\d{3}[A-Z]'), isValid: codiceFiscale, near: words('codice fiscale', 'c\\.?f\\.?'), bare: 0.97 },
  // Portaria 386/98: weights 9 to 2, modulo 11
  { validator: 'pt-nif', pattern: digit('[1235689]\\d{2} ?\\d{3} ?\\d{3}'), isValid: (match) => { const digits = digitsOf(match); return digits[8] === mod11(weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11); }, near: words('nif', 'contribuinte', 'número fiscal'), bare: 0.3 },
  // Logisch ontwerp BSN: the "elfproef", last weight −1
  { validator: 'nl-bsn', pattern: digit('\\d{4}[. ]?\\d{2}[. ]?\\d{3}'), isValid: (match) => { const digits = digitsOf(match); return varied(digits) && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0; }, near: words('bsn', 'burgerservicenummer', 'sofinummer'), bare: 0.3 },
  // Royal decree of 3 April 1984: 97 − number mod 97, with a 2 before it for births since 2000
  { validator: 'be-national-number', pattern: digit('\\d{2}\\.?[0-5]\\d\\.?[0-3]\\d-?\\d{3}\\.?\\d{2}'), isValid: (match) => { const plain = match.replaceAll(/\D/g, ''); return ['', '2'].some((century) => 97 - mod97(century + plain.slice(0, 9)) === Number(plain.slice(9))); }, near: words('rijksregisternummer', 'registre national', 'numéro national', 'nationaal nummer', 'insz', 'niss'), bare: 0.55 },
  // Act on population registration of 24 September 2010: weights 1, 3, 7, 9
  { validator: 'pl-pesel', pattern: digit('\\d{11}'), isValid: (match) => { const digits = digitsOf(match); return dayMonth(number(digits, 4, 6), number(digits, 2, 4) % 20) && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0; }, near: words('pesel'), bare: 0.45 },
  // Skatteverket, SKV 704: Luhn over ten digits; a coordination number has 60 added to the day
  { validator: 'se-personnummer', pattern: digit('(?:19|20)?\\d{6}[-+]?\\d{4}'), isValid: (match) => { const digits = digitsOf(match).slice(-10); return dayMonth(number(digits, 4, 6) % 60, number(digits, 2, 4)) && luhn(digits); }, near: words('personnummer', 'samordningsnummer', 'personnr'), bare: 0.45 },
  // Digital and Population Data Services Agency (DVV): 31 control characters; signs of the centuries as of 2023
  { validator: 'fi-hetu', pattern: digit('[0-3]\\d[01]\\d{3}[-+A-FU-Y]\\d{3}[0-9A-FHJ-NPR-Y]'), isValid: (match) => '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(match.slice(0, 6) + match.slice(7, 10)) % 31] === match.at(-1)?.toUpperCase(), near: words('hetu', 'henkilötunnus', 'personbeteckning'), bare: 0.95 },
  // HMRC, NIM39110: letters and pairs that are not given
  { validator: 'gb-nino', pattern: digit('(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]'), isValid: () => true, near: words('nino', 'national insurance', 'ni number', 'insurance'), bare: 0.8 },
  // NHS Data Dictionary: weights 10 to 2, modulo 11; 10 is not given
  { validator: 'gb-nhs', pattern: digit('\\d{3}[ -]?\\d{3}[ -]?\\d{4}'), isValid: (match) => { const digits = digitsOf(match); const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11); return varied(digits) && check !== 10 && check % 11 === digits[9]; }, near: words('nhs', 'health service'), bare: 0.3 },
  // UIDAI: twelve digits, the first 2 to 9, Verhoeff
  { validator: 'in-aadhaar', pattern: digit('[2-9]\\d{3}[ -]?\\d{4}[ -]?\\d{4}'), isValid: (match) => varied(digitsOf(match)) && verhoeff(digitsOf(match)), near: words('aadhaar', 'aadhar', 'uidai', 'uid'), bare: 0.45 },
  // Receita Federal, IN 1548/2015: two digits modulo 11
  { validator: 'br-cpf', pattern: digit('\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}'), isValid: cpf, near: words('cpf'), bare: 0.96 },
  { validator: 'br-cpf', pattern: digit('\\d{11}'), isValid: cpf, near: words('cpf'), bare: 0.48 },
  // Employment and Social Development Canada: Luhn; 0 and 8 do not begin one
  { validator: 'ca-sin', pattern: digit('[1-79]\\d{2}[ -]?\\d{3}[ -]?\\d{3}'), isValid: (match) => luhn(digitsOf(match)), near: words('sin', 'social insurance', 'nas'), bare: 0.3 },
  // Skatteetaten: two control digits modulo 11
  { validator: 'no-fodselsnummer', pattern: digit('\\d{6} ?\\d{5}'), isValid: (match) => { const digits = digitsOf(match); return dayMonth(number(digits, 0, 2) % 40, number(digits, 2, 4) % 40) && weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 && weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0; }, near: words('fødselsnummer', 'personnummer', 'd-nummer'), bare: 0.7 },
  // AHVV art. 133: EAN-13 that begins with 756
  { validator: 'ch-ahv', pattern: digit('756\\.?\\d{4}\\.?\\d{4}\\.?\\d{2}'), isValid: (match) => ean13(digitsOf(match)), near: words('ahv', 'avs', 'sozialversicherungsnummer'), bare: 0.9 },
];

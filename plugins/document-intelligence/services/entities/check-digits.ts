/** Digits of a text as numbers, all else left out. */
export const digitsOf = (text: string): number[] => [...text.replaceAll(/\D/g, '')].map(Number);

export const weighted = (digits: readonly number[], weights: readonly number[]): number => weights.reduce((sum, weight, at) => sum + weight * (digits[at] ?? 0), 0);

/** ISO/IEC 7812-1, annex B. */
export function luhn(digits: readonly number[]): boolean {
  let sum = 0;
  for (const [at, digit] of digits.toReversed().entries()) sum += at % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  return digits.length > 0 && sum % 10 === 0;
}

/** ISO/IEC 7064, MOD 97-10, over digits as text of any length. */
export function mod97(digits: string): number {
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest;
}

/** ISO/IEC 7064, MOD 11,10: the last digit checks the others. */
export function mod1110(digits: readonly number[]): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) product = (((digit + product) % 10 || 10) * 2) % 11;
  return (11 - product) % 10 === digits.at(-1);
}

/** GS1 General Specifications, 7.9: weights 1 and 3 in turn. */
export const ean13 = (digits: readonly number[]): boolean => digits.length === 13 && digits.reduce((sum, digit, at) => sum + digit * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0;

/** The multiplication of the dihedral group D5: rotations are 0 to 4, reflections 5 to 9. */
function times(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b - 5) % 5);
  return b < 5 ? 5 + ((a - 5 - b + 5) % 5) : (a - b + 5) % 5;
}

const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** J. Verhoeff, Error Detecting Decimal Codes (1969): product in D5 of digits permuted by their place. */
export function verhoeff(digits: readonly number[]): boolean {
  let check = 0;
  for (const [at, digit] of digits.toReversed().entries()) {
    let permuted = digit;
    for (let step = at % 8; step > 0; step -= 1) permuted = turn[permuted] as number;
    check = times(check, permuted);
  }
  return digits.length > 0 && check === 0;
}

import { luhn } from '../entities/check-digits.ts';

const alphanumerics = (text: string): string => text.toUpperCase().replaceAll(/[^0-9A-Z]/g, '');

/** ISO/IEC 7064, MOD 97-10: letters are 10 to 35, the whole leaves 1. */
function isMod97(text: string): boolean {
  let rest = 0;
  for (const character of alphanumerics(text)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** ISO/IEC 7064, MOD 11-2: the last character is 0 to 9 or X. */
function isMod11(text: string): boolean {
  const characters = text.toUpperCase().replaceAll(/[^0-9X]/g, '');
  if (characters.length < 2) return false;
  let rest = 0;
  for (const character of characters.slice(0, -1)) {
    if (character === 'X') return false;
    rest = ((rest + Number(character)) * 2) % 11;
  }
  const last = characters.at(-1) === 'X' ? 10 : Number(characters.at(-1));
  return (12 - rest) % 11 === last;
}

/** Checks that a recogniser may ask of what its pattern finds, over its letters and digits. */
export const checks = {
  luhn: (text: string) => luhn([...text.replaceAll(/\D/g, '')].map(Number)),
  'mod-97': isMod97,
  'mod-11': isMod11,
} as const;

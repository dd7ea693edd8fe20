import type { FoundSpan } from '../entities/span.ts';

/** How what was found is hidden in a text. */
export const redactionModes = ['mask', 'replace', 'hash', 'encrypt'] as const;
export type RedactionMode = (typeof redactionModes)[number];

/** Puts something in place of a span. */
export type Replacer = (span: Pick<FoundSpan, 'type' | 'text'>) => string;

const alphanumeric = /[\p{L}\p{N}]/u;
const hashDigits = 16;

/** What counts as the same value: case, spaces and, in numbers, separators do not matter. */
export function sameValue(type: string, text: string): string {
  const plain = text.normalize('NFKC').toLowerCase();
  const squeezed = /\d/.test(plain) && !plain.includes('@') && type !== 'address' && type !== 'date' && type !== 'url' ? plain.replaceAll(/[^\p{L}\p{N}]/gu, '') : plain.replaceAll(/\s+/g, ' ').trim();
  return `${type}:${squeezed}`;
}

const label = (type: string): string => type.toUpperCase().replaceAll('-', '_');

/** Stars for letters and digits, but for the last `keepLast`; of short ones nothing is kept, or little would be hidden. */
export function masker(keepLast: number, maskWith: string): Replacer {
  return ({ text }) => {
    const characters = [...text];
    const total = characters.filter((character) => alphanumeric.test(character)).length;
    const hidden = total >= 2 * keepLast ? total - keepLast : total;
    let seen = 0;
    return characters.map((character) => (alphanumeric.test(character) && (seen += 1) <= hidden ? maskWith : character)).join('');
  };
}

/** `[PERSON_1]`: the same value has the same number throughout. */
export function numberer(wrap: (name: string) => string = (name) => `[${name}]`): Replacer & { values: ReadonlyMap<string, string> } {
  const names = new Map<string, string>();
  const values = new Map<string, string>();
  const numbers = new Map<string, number>();
  const replace: Replacer = ({ type, text }) => {
    const value = sameValue(type, text);
    const known = names.get(value);
    if (known !== undefined) return known;
    const number = (numbers.get(type) ?? 0) + 1;
    numbers.set(type, number);
    const name = wrap(`${label(type)}_${number}`);
    names.set(value, name);
    values.set(name, text);
    return name;
  };
  return Object.assign(replace, { values });
}

/** `[PERSON:9f86d081884c7d65]`: HMAC-SHA-256 cut to 64 bits, the same in every document of the tenant. */
export function hasher(hmac: (data: string) => Uint8Array): Replacer {
  return ({ type, text }) => {
    const digest = [...hmac(sameValue(type, text))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `[${label(type)}:${digest.slice(0, hashDigits)}]`;
  };
}

import type { PersonalDataResult } from '../../contract.ts';

/** Which types of entities belong together, and whether they are as dangerous as what article 9 of the GDPR names. */
const groups: readonly (readonly [category: string, special: boolean, types: readonly string[]])[] = [
  ['names', false, ['person']],
  ['contact', false, ['email', 'phone']],
  ['addresses', false, ['address']],
  ['accounts', true, ['card', 'iban', 'crypto-address']],
  ['identity-numbers', true, ['national-id', 'passport', 'driver-licence']],
  ['online-identifiers', false, ['ip-address', 'mac-address']],
];
const grouped = new Set(groups.flatMap(([, , types]) => types));
/** Recognised, but not of a person by themselves. */
const impersonal = new Set(['organization', 'place', 'date', 'money', 'url']);

/** How many people are named: those whose name is part of another one said in full are the same. */
export function countPeople(names: Iterable<string>): number {
  const distinct = [...new Set([...names].map((name) => name.toLowerCase().trim()))];
  const full = distinct.filter((name) => name.includes(' '));
  const parts = new Set(full.flatMap((name) => name.split(' ')));
  return full.length + distinct.filter((name) => !name.includes(' ') && !parts.has(name)).length;
}

/** @param counts entities by type; types that are no built-in ones are the category `other` */
export function summarisePersonalData(counts: Readonly<Record<string, number>>, people: number, special: readonly { category: string; types: string[]; count: number }[], hasPosition: boolean): PersonalDataResult {
  const categories: PersonalDataResult['categories'] = [];
  for (const [category, isSpecial, types] of groups) {
    const present = types.filter((type) => (counts[type] ?? 0) > 0);
    if (present.length > 0) categories.push({ category, types: present, count: present.reduce((sum, type) => sum + (counts[type] ?? 0), 0), special: isSpecial });
  }
  if (hasPosition) categories.push({ category: 'position', types: ['gps'], count: 1, special: false });
  for (const one of special) categories.push({ ...one, special: true });
  const other = Object.keys(counts).filter((type) => !grouped.has(type) && !impersonal.has(type));
  if (other.length > 0) categories.push({ category: 'other', types: other, count: other.reduce((sum, type) => sum + (counts[type] ?? 0), 0), special: false });
  return { categories, people };
}

import type { PersonalDataResult, SecurityResult } from '../../contract.ts';

/** Why the score is not 100. */
export interface Factor {
  factor: string;
  /** Taken away; 1 to 40. */
  points: number;
  why: string;
}

interface Weight {
  first: number;
  /** For each further one, up to `most` in all. */
  further: number;
  most: number;
  why: string;
}

const categories: Readonly<Record<string, Weight>> = {
  'identity-numbers': { first: 20, further: 4, most: 35, why: 'Numbers that states give to people cannot be changed once they are known.' },
  accounts: { first: 18, further: 3, most: 32, why: 'Numbers of cards and accounts can be used to take money.' },
  health: { first: 18, further: 0, most: 18, why: 'It seems to speak of somebody’s health, which the law protects most.' },
  'criminal-record': { first: 16, further: 0, most: 16, why: 'It seems to speak of crimes or sentences.' },
  religion: { first: 14, further: 0, most: 14, why: 'It seems to speak of somebody’s faith.' },
  ethnicity: { first: 14, further: 0, most: 14, why: 'It seems to speak of somebody’s origin.' },
  politics: { first: 14, further: 0, most: 14, why: 'It seems to speak of political views or union membership.' },
  'sexual-life': { first: 16, further: 0, most: 16, why: 'It seems to speak of somebody’s sexual life.' },
  biometrics: { first: 16, further: 0, most: 16, why: 'It seems to speak of biometric or genetic data.' },
  addresses: { first: 6, further: 1, most: 14, why: 'It says where people can be found.' },
  position: { first: 14, further: 0, most: 14, why: 'The file tells where it was made, to within metres.' },
  contact: { first: 5, further: 1, most: 14, why: 'People can be reached by what it says.' },
  names: { first: 4, further: 1, most: 14, why: 'It names people.' },
  'online-identifiers': { first: 3, further: 1, most: 8, why: 'Devices can be followed by such addresses.' },
  other: { first: 5, further: 1, most: 12, why: 'It has what your own recognisers look for.' },
};
const special: Weight = { first: 14, further: 0, most: 14, why: 'It has data that the law protects most.' };
const findingPoints = { high: 15, medium: 6, low: 2, info: 0 } as const;
const mostForFindings = 35;

const pointsOf = ({ first, further, most }: Weight, count: number): number => Math.min(most, Math.round(first + further * Math.log2(Math.max(1, count))));

/**
 * 100 for a document that gives away nothing that was looked for, down to 0. Each factor takes points away; further
 * ones of a kind count less and less (by the binary logarithm of their number). What was not looked at takes nothing.
 */
export function privacyScore(personal: PersonalDataResult | null, security: SecurityResult | null): { score: number; factors: Factor[] } {
  const factors: Factor[] = (personal?.categories ?? []).map(({ category, count, special: isSpecial }) => {
    const weight = categories[category] ?? (isSpecial ? special : (categories['other'] as Weight));
    return { factor: category, points: pointsOf(weight, category === 'names' ? Math.max(1, personal?.people ?? 1) : count), why: weight.why };
  });
  const hasPosition = factors.some(({ factor }) => factor === 'position');
  let left = mostForFindings;
  const byCode = new Map<string, Factor>();
  for (const { code, severity, message } of security?.findings ?? []) {
    if (byCode.has(code) || (code === 'LOCATION' && hasPosition)) continue;
    const points = Math.min(left, findingPoints[severity]);
    left -= points;
    if (points > 0) byCode.set(code, { factor: code, points, why: message });
  }
  const all = [...factors, ...byCode.values()].toSorted((a, b) => b.points - a.points);
  return { score: Math.max(0, 100 - all.reduce((sum, { points }) => sum + points, 0)), factors: all };
}

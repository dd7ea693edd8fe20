import { readCharacters, type DocumentFacts, type Layout } from './facts.ts';
import { phrasesByLabel, type Phrases } from './phrases.ts';

/** Something that speaks for a label. */
export interface Evidence {
  label: string;
  /** Natural logarithm of how much likelier it makes the label. */
  points: number;
  /** For people. */
  reason: string;
}

const beginning = 600;
/** What may follow a title on its line, such as a number and a date. */
const longestHeading = 40;
const headLines = 14;
const mostTitleWords = 6;
const points = { titleLine: 4.4, shortLine: 3.2, titleInBeginning: 2.2, title: 0.9, titleInName: 2.2, strong: 1.1, weak: 0.28 };
const most = { strong: 5, weak: 7 };
const isWordCharacter = /[\p{L}\p{N}]/u;

/** The phrases that stand in the text as words of their own. */
function said(text: string, phrases: readonly string[]): string[] {
  return [...new Set(phrases)].filter((phrase) => {
    const wordLike = isWordCharacter.test(phrase.charAt(0));
    const endsWordLike = isWordCharacter.test(phrase.at(-1) as string);
    for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      if ((!wordLike || !isWordCharacter.test(text.charAt(at - 1))) && (!endsWordLike || !isWordCharacter.test(text.charAt(at + phrase.length)))) return true;
    }
    return false;
  });
}

/** Whether one of the first lines begins with it, as a heading or a salutation does, and says little more. */
function headed(lines: readonly string[], phrase: string): boolean {
  return lines.some((line) => line.startsWith(phrase) && line.length < phrase.length + longestHeading && !isWordCharacter.test(line.charAt(phrase.length)));
}

const quoted = (phrases: readonly string[]): string => phrases.slice(0, 4).map((phrase) => `“${phrase}”`).join(', ');

function phraseEvidence(label: string, { title, strong, weak }: Phrases, text: string, name: string): Evidence[] {
  const found: Evidence[] = [];
  const lines = text.slice(0, 2 * beginning).split('\n', headLines).map((line) => line.trim());
  const heads = title.filter((phrase) => headed(lines, phrase));
  const inShortLine = said(lines.filter((line) => line.split(' ').length <= mostTitleWords && !line.endsWith('.')).join('\n'), title);
  const titles = [heads, inShortLine].find((phrases) => phrases.length > 0) ?? said(text.slice(0, beginning), title);
  const laterTitles = titles.length > 0 ? [] : said(text, title);
  if (titles.length > 0) found.push({ label, points: heads.length > 0 ? points.titleLine : inShortLine.length > 0 ? points.shortLine : points.titleInBeginning, reason: `It calls itself ${quoted(titles)}.` });
  else if (laterTitles.length > 0) found.push({ label, points: points.title, reason: `It speaks of ${quoted(laterTitles)}.` });
  const named = said(name, title);
  if (named.length > 0) found.push({ label, points: points.titleInName, reason: `Its name has ${quoted(named)}.` });
  const strongOnes = said(text, strong);
  if (strongOnes.length > 0) found.push({ label, points: points.strong * Math.min(most.strong, strongOnes.length), reason: `It says ${quoted(strongOnes)}.` });
  const weakOnes = said(text, weak);
  if (weakOnes.length > 1) found.push({ label, points: points.weak * Math.min(most.weak, weakOnes.length), reason: `It has words such as ${quoted(weakOnes)}.` });
  return found;
}

function layoutEvidence(layout: Layout, text: string): Evidence[] {
  const { lines, amounts, code, labels, delimited, bullets, yearRanges, meanLineCharacters, bookings, mailHeaders, mrz } = layout;
  const cues: [boolean, string, number, string][] = [
    [amounts > 0.12 && lines > 4, 'invoice', 1, 'Many lines end in an amount.'],
    [amounts > 0.25 && lines > 4 && lines < 80 && meanLineCharacters < 34, 'receipt', 1.8, 'Short lines that end in amounts.'],
    [bookings > 3, 'bank-statement', 2.5, 'Lines with a date in front and an amount at the end.'],
    [mailHeaders > 2, 'e-mail', 5.5, 'It begins with the header of a mail.'],
    [mrz > 0, 'identity-document', 6, 'It has a machine-readable zone as travel documents do.'],
    [yearRanges > 2, 'resume', 2.2, 'Several spans of years, as in a career.'],
    [labels > 0.2 && lines > 5, 'form', 2.4, 'Labels with room to fill in.'],
    [code > 0.3 && lines > 4, 'source-code', 4 + 4 * Math.min(1, code), 'Most lines look like code.'],
    [delimited > 0.8 && lines > 4 && meanLineCharacters < 200 && code < 0.3, 'spreadsheet', 5, 'Every line has separated columns.'],
    [bullets > 0.3 && lines > 6, 'presentation', 0.6, 'Many bullet points.'],
    [meanLineCharacters > 60 && text.length > 8000, 'report', 1.6, 'Long running text.'],
    [/^\s*(?:art(?:icle|ikel|ículo|icolo)|§|section|clause|cláusula)\s*\.?\s?\d/im.test(text), 'contract', 1.6, 'Numbered articles or clauses.'],
  ];
  return cues.flatMap(([holds, label, weight, reason]) => (holds ? [{ label, points: weight, reason }] : []));
}

/** What a text's words and lines say about its kind. */
export function textEvidence(facts: DocumentFacts, layout: Layout): Evidence[] {
  const text = facts.text.slice(0, readCharacters).toLowerCase().replaceAll('’', "'").replaceAll(/[ \t]+/g, ' ');
  const name = (facts.filename ?? '').toLowerCase().replaceAll(/[_.-]+/g, ' ');
  return [...Object.entries(phrasesByLabel).flatMap(([label, phrases]) => phraseEvidence(label, phrases, text, name)), ...layoutEvidence(layout, facts.text.slice(0, readCharacters))];
}

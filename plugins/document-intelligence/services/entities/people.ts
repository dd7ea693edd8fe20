import { commonWords } from './common-words.ts';
import { givenNames } from './given-names.ts';
import { placeNames } from './place-names.ts';
import { spanAt, type Span } from './span.ts';
import type { Word } from './words-of.ts';

const honorifics = new Set('mr mrs ms mx miss dr prof professor herr frau monsieur madame mme mlle señor señora sr sra sig signor signora dott dottoressa dhr mevr mevrouw pan pani hr fru sir dame'.split(' '));
const particles = new Set('de del della di da dos das do du van von der den ter zu al el bin ibn ben la le y af av'.split(' '));
// endings of family names in Slavic, Nordic, German, Hungarian, Greek, Baltic, Caucasian and English use
const familyEnding = /(?:[oe]v|[oe]va|ová|sk[iyýá]|ska|cki|cka|wicz|vi[cćč]|i[ćč]|[eo]nko|chuk|sen|sson|dóttir|son|mann|berg|ström|qvist|gren|lund|dahl|stad|nen|ányi|elli|etti|ini|escu|eanu|[aeo]poulos|[ai]dis|akis|yan|shvili|dze|aitis|auskas|ez|ães|sma|stra|inga|feld|stein|bauer|meier|meyer|maier|huber|schmidt|müller|ford|ton|worth|field)$/;
const englishEnding = /(?:ing|tion|sion|ment|ness|ity|ally|ally|able|ible|ful|less|ism|ics|ary|ory|ous|ive|ance|ence|ship|hood|ware|tech|soft|corp|com|net)$/;
const beforeName = /(?:\b(?:my|his|her|their|our|your|partner[’']s|maiden|full|first|last|the) name(?: is|['’]s|:)|\bname:|\bname is|\bI am|\bI['’]m|\bthis is|\bdear|\bhi|\bhello|\bhey|\bcalls? (?:me|him|her)|\bdirected by|\bwritten by|\bsung by|\bsigned(?: by)?:?|\bsincerely,?|\bregards,?|\bstarring|\bsongwriter|\bsinger|\bactor|\bactress|\bauthor|\bdirector|\bbrother|\bsister|\bwife|\bhusband|\bson|\bdaughter|\bmother|\bfather|\bfriend|\bcolleague|\bcommenter|\bassistant to|\battn:?|\bspeak (?:to|with)|\b(?:change|correct)(?:ed)? (?:it|this|that|name) to|\b(?:founders|members|authors|partners|directors|guests|attendees|participants):|\bsaid|\bfollow up with|\bask for|\bunder|\bmeine? name ist|\bich heiße|\bje m['’]appelle|\bme llamo|\bmi chiamo)[ \n]+$/i;
const afterName = /^(?:['’]s (?:address|account|phone|name|wife|husband|killers?|brother|sister|mother|father|death|birthday|song|house)|,? (?:said|says|told|asked|replied|wrote|writes|lives|lived|thinks|thought|was born|is married|had given|points out|speak|can I|could you|employs|as guardian|i?s so)\b|, can\b|: )/i;
const strongCue = /\b(?:maiden|first|last|full) name is $/i;
const maxWords = 4;

const isInitial = (word: Word): boolean => word.capital && word.text.length === 1;
const contraction = /^(?:i|you|we|they|he|she|it|that|what|who|there|here|don|let|where|how|can|won|isn|didn|doesn)['’]/;
const isNameLike = (word: Word): boolean => word.capital && !commonWords.has(word.lower) && word.text.length > 1 && !contraction.test(word.lower);

/** The words of a name that begins at `from`: capital words on one line, initials and particles between them. Answers the index behind the last. */
function runEnd(words: readonly Word[], from: number): number {
  let end = from + 1;
  for (let at = from + 1; at < words.length && at < from + maxWords + 2; at += 1) {
    const word = words[at] as Word;
    const joined = word.gap === ' ' || (word.gap === '. ' && (isInitial(words[at - 1] as Word)));
    if (!joined) break;
    if (isNameLike(word)) end = at + 1;
    else if (!isInitial(word) && !particles.has(word.lower)) break;
  }
  return Math.min(end, from + maxWords + 2);
}

interface Verdict {
  score: number;
  validator: string;
  context: string | null;
}

function judge(text: string, run: readonly Word[]): Verdict | null {
  const first = run[0] as Word;
  const last = run.at(-1) as Word;
  const before = beforeName.exec(text.slice(Math.max(0, first.start - 40), first.start))?.[0].trim() ?? null;
  const after = afterName.exec(text.slice(last.end, last.end + 24))?.[0].trim() ?? null;
  const context = before ?? after;
  const given = givenNames.has(first.lower) || givenNames.has(first.lower.split('-')[0] as string);
  const place = placeNames.has(run.map(({ lower }) => lower).join(' '));
  const english = run.some(({ lower }) => englishEnding.test(lower));
  if (place && before === null) return null;
  if (given && run.length > 1) return { score: 0.88, validator: 'given-name', context };
  if (before !== null) return { score: english ? 0.5 : 0.75, validator: 'named', context };
  if (given) return { score: context === null ? 0.62 : 0.8, validator: 'given-name', context };
  if (run.length > 2 && !english && run.slice(1, -1).some(isInitial)) return { score: 0.75, validator: 'initial', context };
  if (run.length > 1 && !english && (/\bby $/.test(text.slice(Math.max(0, first.start - 4), first.start)) || /^['’]s /.test(text.slice(last.end, last.end + 3)))) return { score: 0.6, validator: 'named', context };
  if (after !== null && after !== ':' && !english && !/\bthe $/i.test(text.slice(Math.max(0, first.start - 4), first.start))) return { score: 0.62, validator: 'named', context };
  if (run.length > 1 && familyEnding.test(last.lower) && !english) return { score: 0.7, validator: 'family-name', context };
  if (run.length === 1) return familyEnding.test(first.lower) && first.text.length > 5 && !english && first.text !== first.text.toUpperCase() ? { score: 0.45, validator: 'family-name', context } : null;
  // a line of its own, as at the head of a letter
  const alone = /(?:^|\n)[ ?>*-]{0,4}$/.test(text.slice(Math.max(0, first.start - 5), first.start)) && /^(?:\n|$)/.test(text.slice(last.end, last.end + 1));
  return alone && !english && run.length < 4 ? { score: 0.6, validator: 'line', context } : null;
}

/** People by given names, honorifics, words that lead to a name and endings of family names; parts of a full name count again where they stand alone. */
export function* people(text: string, words: readonly Word[]): Iterable<Span> {
  const known = new Set<string>();
  const single: Word[] = [];
  let lastEnd = -1;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as Word;
    const previous = words[at - 1];
    const titled = previous !== undefined && honorifics.has(previous.lower) && /^\.? $/.test(word.gap);
    if (!isNameLike(word) || honorifics.has(word.lower)) {
      const cue = !word.capital && !commonWords.has(word.lower) && word.text.length > 2 && word.gap === ' ' ? strongCue.exec(text.slice(Math.max(0, word.start - 20), word.start)) : null;
      const family = words[at + 1];
      if (!word.capital && givenNames.has(word.lower) && family?.gap === ' ' && familyEnding.test(family.lower) && family.text.length > 4 && !commonWords.has(family.lower) && !englishEnding.test(family.lower)) {
        yield spanAt('person', text, word.start, family.end - word.start, { score: 0.6, validator: 'given-name' });
      } else if (cue !== null) yield spanAt('person', text, word.start, word.text.length, { score: 0.6, validator: 'named', context: 'name' });
      continue;
    }
    const end = runEnd(words, at);
    const run = words.slice(at, end);
    let verdict = titled ? { score: 0.93, validator: 'honorific', context: previous.text } : judge(text, run);
    // one of an enumeration: "Anna, Becker and Vasquez"
    const listed = lastEnd >= 0 && word.start - lastEnd < 8 && /^(?:, | and | & |, and )$/.test(text.slice(lastEnd, word.start));
    if (verdict === null && listed && !placeNames.has(word.lower) && !englishEnding.test(word.lower)) verdict = { score: 0.6, validator: 'listed', context: null };
    if (verdict !== null && verdict.score >= 0.5) lastEnd = (run.at(-1) as Word).end;
    if (verdict === null) single.push(...run);
    else {
      const last = run.at(-1) as Word;
      yield spanAt('person', text, word.start, last.end - word.start, verdict);
      if (verdict.score >= 0.6) for (const part of run) if (part.text.length > 2) known.add(part.lower);
    }
    at = end - 1;
  }
  for (const word of single) if (known.has(word.lower)) yield spanAt('person', text, word.start, word.text.length, { score: 0.6, validator: 'again', context: null });
}

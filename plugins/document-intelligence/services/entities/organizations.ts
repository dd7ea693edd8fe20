import { commonWords } from './common-words.ts';
import { givenNames } from './given-names.ts';
import { spanAt, type Span } from './span.ts';

const cap = "\\p{Lu}[\\p{L}\\p{N}&'’.-]{0,30}";
const run = `${cap}(?:,? (?:and |& |of |for |und |et |y |e )?${cap}){0,5}`;
const edge = '(?![\\p{L}\\p{N}])';
// a capital letter is asked for first: looking behind every character takes longer
const startEdge = '(?=\\p{Lu})(?<![\\p{L}\\p{N}.&-])';
const legal = 'Inc|Incorporated|LLC|L\\.L\\.C|Ltd|Limited|PLC|plc|LLP|Corp|Corporation|GmbH|AG|KG|OHG|e\\.V|SE|S\\.A|SA|SARL|SAS|S\\.p\\.A|SpA|S\\.r\\.l|Srl|S\\.L|Lda|Ltda|B\\.?V|N\\.?V|AB|ASA|A/S|ApS|Oyj?|Kft|Zrt|Bt|s\\.r\\.o|a\\.s|d\\.o\\.o|OÜ|UAB|SIA|Pty|Co';
const kinds = 'University|Institute|Bank|Foundation|Association|Hospital|College|Agency|Ministry|Holdings?|Technologies|Systems|Solutions|Industries|Partners|Insurance|Airlines|Laboratories|Software|Consulting|Services|Universität|Université|Universidad|Università|Verein|Stiftung|Sparkasse|Corporation|Company|Group';

const shapes: readonly (readonly [validator: string, score: number, pattern: RegExp])[] = [
  ['legal-form', 0.92, new RegExp(`${startEdge}(${run},? (?:${legal})${edge}\\.?)`, 'gu')],
  ['kind', 0.72, new RegExp(`${startEdge}(${cap}(?: (?:and |& |of )?${cap}){0,3} (?:${kinds}))${edge}`, 'gu')],
  ['kind', 0.8, new RegExp(`${startEdge}((?:University|Bank|Institute|Ministry|Department|Universität|Université|Universidad|Università) (?:of |für |de |di |d['’])(?:the )?${run})`, 'gu')],
  ['employer', 0.82, new RegExp(`\\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|(?:CEO|CTO|CFO|founder|director|president|chairman|employee) (?:of|at)|year at|job at|career at|joined) (${run})`, 'gu')],
  ['described', 0.8, new RegExp(`(?:^|\\. |\\n|\\bthe |\\bThe )(${run}) (?:is an? (?:\\p{Ll}{1,20} ){0,3}(?:agency|company|firm|start-?up|bank|manufacturer|supplier|provider)|office is|offices are|headquarters)`, 'gu')],
  ['founded', 0.7, new RegExp(`(?:^|[.!?\\n] ?)(?:The )?(${run}) (?:is the brainchild of|(?:was|were) (?:founded|incorporated|established|acquired|bought|listed)|announced|has acquired|went public|filed for bankruptcy)${edge}`, 'gu')],
  ['became', 0.7, new RegExp(`\\b(?:later became|now called|renamed (?:to )?|rebranded as|merged with|merger with|acquired by|bought by|owned by|subsidiary of|shares (?:of|in)|on behalf of|supplier to|founders? of|co-founder of) (${run})`, 'gu')],
  ['at-address', 0.62, new RegExp(`\\b(?:meet|meeting|lunch|dinner|appointment|interview)(?: \\p{L}{2,12}){0,3} at (${cap}(?: ${cap}){0,3}), \\d`, 'gu')],
];

const jobWord = /\b(?:manager|director|engineer|assistant|officer|clerk|analyst|consultant|developer|designer|nurse|teacher|driver|cleaner|worker|technician|president|chief|head|lead|sales|accountant|lawyer|attorney|doctor|professor|secretary|specialist|administrator|representative|leiter(?:in)?|geschäftsführer(?:in)?|sachbearbeiter(?:in)?|directeur|gérant|director(?:a)?|gerente|direttore)\b/i;
const streetWord = /(?:street|road|lane|avenue|drive|court|square|place|way|house|building|floor|box|apartment|flat|straße|strasse|weg|platz|gasse|allee|rue|calle|via|piazza|laan|straat|gatan|vej|katu|ulica)\b/i;
/** What happens to firms happens to people and pronouns as well. */
const unsure = new Set(['founded', 'became', 'at-address']);
// name, at times the work, the firm, then a line with a number as addresses begin
const letterhead = /(?:^|\n)[ ?>]{0,5}\p{Lu}[\p{L}'’.-]{1,25}(?: \p{Lu}[\p{L}'’.-]{0,25}){1,3}\n(?:[ ?>]{0,5}(?<work>\p{L}[\p{L} ,&-]{3,50})\n)?[ ?>]{0,5}(?<firm>\p{Lu}[\p{L}\p{N}&'’.-]{2,30}(?:,? (?:and |& |of )?\p{Lu}[\p{L}&'’.-]{0,30}){0,4})(?=\n[ ?>]{0,5}(?:\d{1,6}[ ,-]+[\p{L}\d]|(?:PSC|Unit|USNS|USS|P\.? ?O\.? Box)\b|the corner of))/gu;

/** The firm on a business card or above a letter: the line between a person and an address that is neither work nor street. */
function* letterheads(text: string): Iterable<Span> {
  for (const { index, 0: match, groups } of text.matchAll(letterhead)) {
    const firm = groups?.firm ?? '';
    if (jobWord.test(firm) || streetWord.test(firm) || (groups?.work !== undefined && !jobWord.test(groups.work) && !/ \p{Ll}/u.test(groups.work))) continue;
    yield spanAt('organization', text, index + match.lastIndexOf(firm), firm.length, { score: 0.66, validator: 'letterhead' });
  }
}

/** Firms and institutions by legal form, by kind, and by the words around them. */
export function* organizations(text: string): Iterable<Span> {
  for (const [validator, score, pattern] of shapes) {
    for (const { 0: match, 1: found = '', index } of text.matchAll(pattern)) {
      // the end of a sentence is no part of a name, but for abbreviations
      const name = validator === 'legal-form' ? found : found.replace(/\.$/, '');
      const first = (/^[\p{L}\p{M}]+/u.exec(name)?.[0] ?? '').toLowerCase();
      if (unsure.has(validator) && (givenNames.has(first) || (commonWords.has(first) && !name.includes(' ')))) continue;
      yield spanAt('organization', text, index + match.indexOf(found), name.length, { score, validator });
    }
  }
  yield* letterheads(text);
}

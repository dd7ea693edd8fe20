import { spanAt, type Span } from './span.ts';

const cap = "\\p{Lu}[\\p{L}\\p{N}&'’.-]{0,30}";
const run = `${cap}(?:,? (?:and |& |of |for |und |et |y |e )?${cap}){0,5}`;
const edge = '(?![\\p{L}\\p{N}])';
const startEdge = '(?<![\\p{L}\\p{N}.&-])';
const legal = 'Inc|Incorporated|LLC|L\\.L\\.C|Ltd|Limited|PLC|plc|LLP|Corp|Corporation|GmbH|AG|KG|OHG|e\\.V|SE|S\\.A|SA|SARL|SAS|S\\.p\\.A|SpA|S\\.r\\.l|Srl|S\\.L|Lda|Ltda|B\\.?V|N\\.?V|AB|ASA|A/S|ApS|Oyj?|Kft|Zrt|Bt|s\\.r\\.o|a\\.s|d\\.o\\.o|OÜ|UAB|SIA|Pty|Co';
const kinds = 'University|Institute|Bank|Foundation|Association|Hospital|College|Agency|Ministry|Holdings?|Technologies|Systems|Solutions|Industries|Partners|Insurance|Airlines|Laboratories|Software|Consulting|Services|Universität|Université|Universidad|Università|Verein|Stiftung|Sparkasse|Corporation|Company|Group';

const shapes: readonly (readonly [validator: string, score: number, pattern: RegExp])[] = [
  ['legal-form', 0.92, new RegExp(`${startEdge}(${run},? (?:${legal})${edge}\\.?)`, 'gu')],
  ['kind', 0.72, new RegExp(`${startEdge}(${cap}(?: (?:and |& |of )?${cap}){0,3} (?:${kinds}))${edge}`, 'gu')],
  ['kind', 0.8, new RegExp(`${startEdge}((?:University|Bank|Institute|Ministry|Department|Universität|Université|Universidad|Università) (?:of |für |de |di |d['’])(?:the )?${run})`, 'gu')],
  ['employer', 0.82, new RegExp(`\\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|(?:CEO|CTO|CFO|founder|director|president|chairman|employee) (?:of|at)|year at|job at|career at|joined) (${run})`, 'gu')],
  ['described', 0.8, new RegExp(`(?:^|\\. |\\n|\\bthe |\\bThe )(${run}) (?:is an? (?:\\p{Ll}{1,20} ){0,3}(?:agency|company|firm|start-?up|bank|manufacturer|supplier|provider)|office is|offices are|headquarters)`, 'gu')],
];

/** Firms and institutions by legal form, by kind, and by the words around them. */
export function* organizations(text: string): Iterable<Span> {
  for (const [validator, score, pattern] of shapes) {
    for (const { 0: match, 1: name = '', index } of text.matchAll(pattern)) yield spanAt('organization', text, index + match.indexOf(name), name.length, { score, validator });
  }
}

import { spanAt, type Span } from './span.ts';

const word = "[\\p{L}][\\p{L}\\p{M}'’.-]{0,30}";
const capWord = "[\\p{Lu}][\\p{L}\\p{M}'’.-]{0,30}";
const edge = '(?![\\p{L}\\p{N}])';
const startEdge = '(?<![\\p{L}\\p{N}]|\\d[.,/-])';
const english = 'street|avenue|ave|road|boulevard|blvd|lane|highway|hwy|parkway|pkwy|turnpike|crescent|terrace';
// words of everyday language as well: only with a capital letter
const capitalEnglish = 'St|Rd|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Way|Circle|Cir|Close|Trail|Mews|Row|Alley|Plaza|Loop';
const leading = "rue|avenue|av\\.?|avenida|allée|boulevard|bd|chemin|impasse|quai|route de|via|viale|piazza|corso|vicolo|largo|strada|calle|c\\/|paseo|plaza|camino|carrera|ronda|rua|travessa|praça|alameda|ul\\.|ulica|al\\.|aleja|os\\.|str\\.|λεωφόρος|οδός|ул\\.|улица|проспект";
const compound = '(?:straße|strasse|str\\.|gasse|weg|platz|allee|damm|ufer|gatan|gata|gate|vägen|veien|vegen|vej|gade|straat|laan|plein|kade|dijk|steeg|singel|katu|tie|polku|vegur|braut|stígur|gränd)';
const separate = '(?:Strasse|Straße|Str\\.|Weg|Platz|Allee|Gasse|utca|út|tér|körút|ulice|třída|náměstí|cesta|ulica|trg|tänav|tee|maantee|iela|gatvė|caddesi|sokak)';
const unit = '(?:[Aa]pt|[Aa]partment|[Ss]uite|[Ss]te|[Uu]nit|[Ff]lat|[Rr]oom|[Ff]loor|[Ww]ohnung|[Aa]ppt|[Bb]ureau|[Pp]iso|[Dd]epto)\\.? ?#?\\d{1,5}[a-z]?';
const house = '\\d{1,6}[a-z]?';

// what a match begins with, asked first: looking behind every character takes longer
const atCapital = '(?=\\p{Lu})';
const atCapitalOrDigit = '(?=[\\p{Lu}\\d])';

const shapes: readonly (readonly [validator: string, score: number, pattern: RegExp])[] = [
  ['number-street', 0.88, new RegExp(`${startEdge}${house}(?:[ ,]{1,2}${house})?[ ,]{1,2}(?:${word} ){1,4}(?:${english})${edge}\\.?`, 'giu')],
  ['number-street', 0.88, new RegExp(`${startEdge}${house}(?:[ ,]{1,2}${house})?[ ,]{1,2}(?:${capWord} )(?:${word} ){0,3}(?:${capitalEnglish})${edge}\\.?`, 'gu')],
  ['street', 0.66, new RegExp(`${atCapital}${startEdge}(?:${capWord} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Drive|Square|Terrace|Highway|Parkway|Turnpike)${edge}\\.?`, 'gu')],
  ['prefix-street', 0.88, new RegExp(`${startEdge}(?:${house}[ ,]{1,2}){0,2}(?:${leading}) ?(?:(?:de|du|des|del|della|di|da|do|dos|la|le|les|l['’])[ ]?){0,2}${word}(?: ${word}){0,4}?[ ,]{1,2}${house}${edge}`, 'giu')],
  ['prefix-street', 0.86, new RegExp(`${startEdge}(?:${house}[ ,]{1,2}){1,2}(?:${leading}) ?(?:(?:de|du|des|del|della|di|da|do|dos|la|le|les|l['’])[ ]?){0,2}${word}`, 'giu')],
  ['compound-street', 0.88, new RegExp(`${atCapitalOrDigit}${startEdge}(?:${house}[ ,]{1,2})?[\\p{Lu}][\\p{L}-]{1,30}${compound}[ ,]{1,2}${house}${edge}`, 'gu')],
  ['suffix-street', 0.88, new RegExp(`${atCapitalOrDigit}${startEdge}(?:${house}[ ,]{1,2})?(?:${capWord} )(?:${word} ){0,2}${separate}[ ,]{1,2}${house}${edge}\\.?`, 'gu')],
  ['number-name-number', 0.82, new RegExp(`${startEdge}\\d{2,6} ${capWord}(?: ${word}){0,3} \\d{1,5}[a-z]?${edge}`, 'gu')],
  ['name-number-unit', 0.84, new RegExp(`${atCapitalOrDigit}${startEdge}(?:${house} )?${capWord}(?: ${word}){0,3} \\d{1,5}[a-z]?[\\s,]{1,4}${unit}${edge}`, 'gu')],
  ['unit', 0.7, new RegExp(`${startEdge}${unit}${edge}`, 'gu')],
  ['box', 0.92, new RegExp(`${startEdge}(?:p\\.? ?o\\.? ?box|post office box|postfach|boîte postale|b\\.p\\.|apartado|caixa postal|casella postale|postbus|postboks|box) \\d{1,6}${edge}`, 'giu')],
  ['military', 0.95, new RegExp(`${startEdge}(?:(?:PSC|CMR|Unit) \\d{1,5},? Box \\d{1,5}[\\s,]{1,3})?(?:APO|FPO|DPO),? (?:AA|AE|AP) \\d{5}${edge}`, 'giu')],
  ['postcode', 0.9, new RegExp(`(?<=\\b(?:zip|zip ?code|postal code|post ?code|plz|code postal|cap|cep)[ :]{1,2})\\d{3,5}(?:[ -]?(?:\\d{3,4}|[A-Z]{2}))?${edge}`, 'giu')],
  ['city-state-code', 0.84, new RegExp(`${atCapital}${startEdge}${capWord}(?: ${capWord}){0,3}, [A-Z]{2} \\d{5}(?:-\\d{4})?${edge}`, 'gu')],
  ['gb-postcode', 0.76, new RegExp(`${startEdge}[A-Z]{1,2}\\d[A-Z\\d]? \\d[ABD-HJLNP-UW-Z]{2}${edge}`, 'gu')],
  ['code-behind-place', 0.66, new RegExp(`(?<=\\p{L}[\\p{L})]{2}[ ,]{1,2})\\d{5}(?=\\s{0,2}(?:\\n|$|[.?,] |[.?]$))`, 'gu')],
  ['crossing', 0.85, new RegExp(`${startEdge}corner of (?:\\d{1,5} )?${capWord}(?: ${word}){0,4} (?:\\d{1,5} )?and (?:\\d{1,5} )?${capWord}(?: ${capWord}){0,3}`, 'giu')],
];
const led = new RegExp(`\\b(?:address(?: is|:)?|live[sd]? (?:at|on)|located at|deliver(?:ed)? to|ship(?:ped)? to|sent? to|meet (?:me|you) at|return to|office is at|is at|enter on|off at|taxi to) ((?:\\d{1,6} )?${capWord}(?: [\\p{L}\\p{N}][\\p{L}\\p{N}'’.-]{0,30}){0,4} \\d{1,5}|\\d{2,6} ${capWord}(?: ${capWord}){0,3})${edge}`, 'giu');

/** Streets of several countries with their numbers, flats, boxes and postcodes. The parts of an address on several lines are spans of their own. */
export function* addresses(text: string): Iterable<Span> {
  for (const [validator, score, pattern] of shapes) for (const { 0: match, index } of text.matchAll(pattern)) yield spanAt('address', text, index, match.length, { score, validator });
  for (const { 0: match, 1: found = '', index } of text.matchAll(led)) yield spanAt('address', text, index + match.length - found.length, found.length, { score: 0.8, validator: 'led-to', context: match.slice(0, -found.length).trim() });
}

/** Names of the characters 160 to 255, in their order (HTML, section 13.5). */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

const others: Readonly<Record<string, number>> = {
  amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, AMP: 38, LT: 60, GT: 62, QUOT: 34, OElig: 338, oelig: 339, Scaron: 352, scaron: 353, Yuml: 376, fnof: 402, circ: 710, tilde: 732,
  ensp: 8194, emsp: 8195, thinsp: 8201, zwnj: 8204, zwj: 8205, lrm: 8206, rlm: 8207, hyphen: 8208, ndash: 8211, mdash: 8212, lsquo: 8216, rsquo: 8217, sbquo: 8218, ldquo: 8220, rdquo: 8221, bdquo: 8222,
  dagger: 8224, Dagger: 8225, bull: 8226, hellip: 8230, permil: 8240, prime: 8242, Prime: 8243, lsaquo: 8249, rsaquo: 8250, euro: 8364, numero: 8470, trade: 8482, larr: 8592, uarr: 8593, rarr: 8594, darr: 8595,
  minus: 8722, infin: 8734, ne: 8800, le: 8804, ge: 8805, commat: 64, period: 46, comma: 44, colon: 58, sol: 47, lowbar: 95, num: 35, dollar: 36, percnt: 37, plus: 43, lpar: 40, rpar: 41, Tab: 9, NewLine: 10,
};

const codes = new Map<string, number>([...latin1.split(' ').map((name, at) => [name, at + 160] as const), ...Object.entries(others)]);
/** What 128 to 159 stand for (HTML, section 13.2.5.80). */
const windows1252 = new TextDecoder('windows-1252');

const reference = /&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));?/g;

/** Character references of HTML; of the two thousand names those that texts use. An unknown one stays as it is written. */
export function decodeHtml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(reference, (written, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    const code = name === undefined ? (hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)) : codes.get(name);
    if (code === undefined || code === 0 || code > 0x10ffff) return name === undefined ? '' : written;
    return code >= 128 && code <= 159 ? windows1252.decode(Uint8Array.of(code)) : String.fromCodePoint(code);
  });
}

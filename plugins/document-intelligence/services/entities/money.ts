import { spanAt, type Span } from './span.ts';

const symbols = '(?:US|CA|AU|NZ|HK|R)?\\$|[€£¥₹₽₩₺₴₦₱₪฿]|zł|Kč';
// ISO 4217
const codes = 'USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|CNY|INR|BRL|MXN|ARS|CLP|COP|ZAR|KRW|SGD|HKD|THB|IDR|MYR|PHP|ILS|AED|SAR|EGP|NGN|KES|BTC';
const words = 'dollars?|euros?|pounds? sterling|pounds|cents?|yen|francs?|franken|kroner|kronor|zlotys?|rupees?|rubles?|pesos?';
// groups of three by dot, comma, space, narrow space or apostrophe, or none; then up to four decimals
const amount = "\\d{1,15}(?:[.,'\u2019 \u00a0\u202f]\\d{3}(?!\\d)){0,5}(?:[.,](?:\\d{1,4}|--|-))?";
const scale = '(?: ?(?:million|billion|thousand|mio\\.?|mrd\\.?|[kmb]n?)(?![\\p{L}\\p{N}]))?';
const before = new RegExp(`(?<![\\p{L}\\p{N}])(?:${symbols}|(?:${codes})(?=[ \\d]))[ \u00a0]?-?${amount}${scale}`, 'gu');
const after = new RegExp(`(?<![\\p{L}\\p{N}.,])${amount}${scale}[ \u00a0]?(?:${symbols}|(?:${codes}|${words})(?![\\p{L}\\p{N}]))`, 'gu');

/** Amounts with a symbol, an ISO 4217 code or a currency's name, in the number formats of several locales. */
export function* money(text: string): Iterable<Span> {
  for (const pattern of [before, after]) for (const { 0: match, index } of text.matchAll(pattern)) yield spanAt('money', text, index, match.length, { score: 0.93, validator: 'currency' });
}

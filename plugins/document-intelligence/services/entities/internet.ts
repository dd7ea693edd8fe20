import ipaddr from 'ipaddr.js';
import { spanAt, type Span } from './span.ts';

// RFC 5321 bounds: 64 before the @, labels of 63, and no more labels than a name of 255 can hold in practice
const email = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_%+][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}(?:\p{L}{2,24}|xn--[a-z\d-]{2,58})(?![\p{L}\p{N}@])/giu;
const url = /(?<![\p{L}\p{N}@])(?:(?:https?|ftp):\/\/|www\.)[^\s<>"'`{}|\\^[\]]{1,2048}/giu;
const domain = /(?<![\p{L}\p{N}@._%+/-])(?:[a-z\d](?:[a-z\d-]{0,62})\.){1,8}(?:com|org|net|info|biz|edu|gov|mil|int|io|dev|app|ai|eu|uk|de|fr|es|it|nl|be|at|ch|se|no|dk|fi|is|pl|cz|sk|hu|pt|gr|ie|ru|ua|us|ca|mx|br|au|nz|jp|cn|in|za)(?![\p{L}\p{N}@-]|\.\p{L})(?:\/[^\s<>"']{0,2048})?/giu;
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`(?<![\\d.\\p{L}])${octet}(?:\\.${octet}){3}(?![\\d\\p{L}]|\\.\\d)(?:\\/(?:3[0-2]|[12]?\\d)(?!\\d))?`, 'gu');
const ipv6 = /(?<![\p{L}\p{N}:.])[\da-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\p{L}\p{N}:])/giu;
const mac = /(?<![\p{L}\p{N}:.-])(?:[\da-f]{2}([:-])(?:[\da-f]{2}\1){4}[\da-f]{2}|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})(?![\p{L}\p{N}:-])/giu;
const closing = /[.,;:!?)]{1,16}$/;
const versionBefore = /(?:version|\bv|release|firmware|build)\s?$/i;

/** E-mail addresses, web addresses, IPv4 and IPv6 (RFC 4291), MAC addresses (IEEE 802, three spellings). */
export function* internet(text: string): Iterable<Span> {
  for (const { 0: match, index } of text.matchAll(email)) {
    const local = match.slice(0, match.indexOf('@'));
    if (!local.includes('..') && !local.endsWith('.')) yield spanAt('email', text, index, match.length, { score: 0.98, validator: 'rfc-5321' });
  }
  for (const { 0: match, index } of text.matchAll(url)) {
    const length = match.replace(closing, '').length;
    if (/[\p{L}\p{N}]\.[\p{L}\p{N}]|\/\/(?:localhost|\[)/u.test(match.slice(0, 300))) yield spanAt('url', text, index, length, { score: 0.97, validator: 'rfc-3986' });
  }
  for (const { 0: match, index } of text.matchAll(domain)) yield spanAt('url', text, index, match.replace(closing, '').length, { score: 0.7, validator: 'domain-name' });
  for (const { 0: match, index } of text.matchAll(ipv4)) {
    yield spanAt('ip-address', text, index, match.length, { score: versionBefore.test(text.slice(Math.max(0, index - 12), index)) ? 0.3 : 0.95, validator: 'ipv4' });
  }
  for (const { 0: match, index } of text.matchAll(ipv6)) {
    // "::" alone is an address, and in prose never one; a time of day has one colon or two
    if ((match.match(/:/g)?.length ?? 0) > 1 && match.length > 3 && ipaddr.IPv6.isValid(match)) yield spanAt('ip-address', text, index, match.length, { score: 0.95, validator: 'ipv6' });
  }
  for (const { 0: match, index } of text.matchAll(mac)) yield spanAt('mac-address', text, index, match.length, { score: match.includes('.') ? 0.6 : 0.96, validator: 'eui-48' });
}

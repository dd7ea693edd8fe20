import { spanAt, type Span } from './span.ts';

const base58 = /(?<![\p{L}\p{N}])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![\p{L}\p{N}])/gu;
const bech32 = /(?<![\p{L}\p{N}])(?:bc1[ac-hj-np-z02-9]{11,71}|BC1[AC-HJ-NP-Z02-9]{11,71})(?![\p{L}\p{N}])/gu;
const hex = /(?<![\p{L}\p{N}])0x[\da-fA-F]{40}(?![\p{L}\p{N}])/gu;
const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP 173 and BIP 350: the checksum is 1 for bech32 and 0x2bc830a3 for bech32m. */
function isBech32(address: string): boolean {
  const values = [3, 3, 0, 2, 3, ...Array.from(address.toLowerCase().slice(3), (char) => alphabet.indexOf(char))];
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [at, term] of generator.entries()) if ((top >>> at) & 1) check ^= term;
  }
  return check === 1 || check === 0x2bc830a3;
}

/** Bitcoin (base58 by its shape, bech32 by its checksum) and Ethereum (by its shape). */
export function* cryptoAddresses(text: string): Iterable<Span> {
  for (const { 0: match, index } of text.matchAll(bech32)) if (isBech32(match)) yield spanAt('crypto-address', text, index, match.length, { score: 0.99, validator: 'bech32' });
  for (const { 0: match, index } of text.matchAll(hex)) yield spanAt('crypto-address', text, index, match.length, { score: 0.85, validator: 'ethereum' });
  // an id of digits only, or without a digit behind the first, is no address
  for (const { 0: match, index } of text.matchAll(base58)) if (/[A-Z]/.test(match) && /[a-z]/.test(match) && /\d/.test(match.slice(1))) yield spanAt('crypto-address', text, index, match.length, { score: 0.7, validator: 'base58-shape' });
}

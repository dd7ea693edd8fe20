/*
 * SimHash (M. Charikar, Similarity estimation techniques from rounding algorithms, 2002) of 64 bits over shingles of
 * three words: texts that share most shingles differ in few bits. Two 32-bit halves, as BigInt is slow.
 */
const fewestWords = 20;
const word = /[\p{L}\p{N}]+/gu;
const bits = 32;

/** 64 bits as hex, and cut into four bands by which near ones are looked up. */
export interface Fingerprint {
  /** 16 digits; null for less than 20 words. */
  hex: string | null;
  bands: Record<'band0' | 'band1' | 'band2' | 'band3', number> | null;
  words: number;
}

/** MurmurHash3's finaliser (A. Appleby, public domain): every bit of the input moves every bit of the output. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return hash >>> 0;
}

const hexOf = (half: number): string => half.toString(16).padStart(8, '0');

/** Collects words of a text that comes in parts. */
export function simhash(): { add(text: string): void; result(): Fingerprint } {
  const counts = new Int32Array(2 * bits);
  let first = 0;
  let second = 0;
  let words = 0;
  function count(half: number, offset: number): void {
    for (let bit = 0; bit < bits; bit += 1) counts[offset + bit] = (counts[offset + bit] as number) + (((half >>> bit) & 1) === 1 ? 1 : -1);
  }
  const half = (offset: number): number => {
    let value = 0;
    for (let bit = 0; bit < bits; bit += 1) if ((counts[offset + bit] as number) > 0) value |= 1 << bit;
    return value >>> 0;
  };
  return {
    add(text) {
      for (const { 0: match } of text.toLowerCase().matchAll(word)) {
        const third = hashOf(match);
        words += 1;
        if (words > 2) {
          const shingle = Math.imul(first, 31) ^ Math.imul(second, 0x9e37_79b1) ^ third;
          count(mixed(shingle), 0);
          count(mixed(shingle ^ 0x5bd1_e995), bits);
        }
        first = second;
        second = third;
      }
    },
    result() {
      if (words < fewestWords) return { hex: null, bands: null, words };
      const [high, low] = [half(bits), half(0)];
      const hex = hexOf(high) + hexOf(low);
      return { hex, bands: bandsOf(hex), words };
    },
  };
}

/** The four bands of 16 bits by which near fingerprints are looked up. */
export function bandsOf(hex: string): NonNullable<Fingerprint['bands']> {
  const band = (at: number): number => Number.parseInt(hex.slice(at, at + 4), 16);
  return { band0: band(12), band1: band(8), band2: band(4), band3: band(0) };
}

/** In how many of 64 bits two fingerprints differ. */
export function hammingDistance(a: string, b: string): number {
  let distance = 0;
  for (const at of [0, 8]) {
    for (let rest = (Number.parseInt(a.slice(at, at + 8), 16) ^ Number.parseInt(b.slice(at, at + 8), 16)) >>> 0; rest !== 0; rest &= rest - 1) distance += 1;
  }
  return distance;
}

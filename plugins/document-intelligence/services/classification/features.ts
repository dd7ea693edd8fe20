import { functionWords } from '../language/function-words.ts';
import { readCharacters } from './facts.ts';

/** Words of a document by their hash, with counts. */
export type Features = Record<string, number>;

const mostFeatures = 120;
const longestWord = 40;
/** A million buckets: words can be compared, and too many share one for the text to be read from them. */
const buckets = 0xf_ffff;
const word = /\p{L}[\p{L}\p{M}]{2,}/gu;

function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  return (hash ^ (hash >>> 13)) & buckets;
}

/** The most frequent words that are no function words, of the beginning of a text; numbers and names in digits leave no trace. */
export function featuresOf(text: string): Features {
  const counts = new Map<string, number>();
  for (const [match] of text.slice(0, readCharacters).toLowerCase().matchAll(word)) {
    if (match.length > longestWord || functionWords.has(match)) continue;
    const bucket = hashOf(match).toString(36);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  // ties in the order of the text: its beginning says most
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1]).slice(0, mostFeatures));
}

/** Cosine of two documents' damped word counts, 0 to 1. */
export function similarity(a: Features, b: Features): number {
  let product = 0;
  let [lengthA, lengthB] = [0, 0];
  for (const [bucket, count] of Object.entries(a)) {
    lengthA += count;
    product += Math.sqrt(count * (b[bucket] ?? 0));
  }
  for (const count of Object.values(b)) lengthB += count;
  return lengthA === 0 || lengthB === 0 ? 0 : product / Math.sqrt(lengthA * lengthB);
}

import { createHash } from 'node:crypto';
import { type Entries, signatureEntry, sortedNames } from './entries.ts';

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

/**
 * What a signature signs of a package's content: the SHA-256 over one line per entry in order,
 * `<sha256 of the content>  <name>\n` (the form of sha256sum), `signature.json` left out. Lower-case hex.
 */
export function contentDigest(entries: Entries): string {
  const lines = sortedNames(entries)
    .filter((name) => name !== signatureEntry)
    .map((name) => `${sha256(entries[name] as Uint8Array)}  ${name}\n`);
  return sha256(lines.join(''));
}

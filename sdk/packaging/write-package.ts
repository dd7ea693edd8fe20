import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Entries, entryRules, isEntryName, sortedNames } from './entries.ts';
import { MissingEntry, TooLarge, UnknownEntry } from './errors.ts';

const gzipBytes = promisify(gzip);

/** Offset of the operating system in a gzip header (RFC 1952, section 2.3.1); 255 is "unknown". */
const gzipSystemByte = 9;

/**
 * Packs entries into a `.ppx`. Deterministic: entries sorted, no owner, no time, one compression
 * level, so the same content gives the same bytes on every machine with the same zlib.
 *
 * @throws PACKAGE_MISSING_ENTRY, PACKAGE_UNKNOWN_ENTRY, PACKAGE_TOO_LARGE (one entry).
 */
export async function writePackage(entries: Entries): Promise<Buffer> {
  for (const [name, rule] of Object.entries(entryRules)) {
    if (rule.required && !Object.hasOwn(entries, name)) throw MissingEntry({ message: `A package needs ${name}.`, details: { entry: name } });
  }
  const archive = pack();
  for (const name of sortedNames(entries)) {
    if (!isEntryName(name)) throw UnknownEntry({ details: { entry: name } });
    const content = entries[name] as Uint8Array;
    if (content.length > entryRules[name].maxBytes) throw TooLarge({ message: `${name} is larger than ${entryRules[name].maxBytes} bytes.`, details: { entry: name, maxBytes: entryRules[name].maxBytes } });
    archive.entry({ name, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', type: 'file' }, Buffer.from(content));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const packed = await gzipBytes(Buffer.concat(chunks), { level: 9 });
  packed[gzipSystemByte] = 255;
  return packed;
}

import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { PluginError } from '../errors.ts';
import { contentDigest } from './digest.ts';
import { type Entries, type EntryName, entryRules, isEntryName, type PackageLimits, packageLimits } from './entries.ts';
import { DuplicateEntry, InvalidEntry, MissingEntry, NotAnArchive, TooLarge, Truncated, UnknownEntry, UnsafeEntry, UnsafePath } from './errors.ts';

/** A package whose form is sound. Nothing is known yet about who made it or whether it speaks the truth. */
export interface Package {
  readonly entries: Entries;
  /** Parsed, not validated. */
  readonly manifest: unknown;
  /** The script, as text. */
  readonly code: string;
  /** SHA-256 over every entry but the signature: see `contentDigest`. */
  readonly digest: string;
}

const mebibyte = 1_048_576;
const pngMagic = Buffer.from('89504e470d0a1a0a', 'hex');

/** Counts what goes in and comes out, and ends an archive that unpacks to more than it may. */
function guards(limits: PackageLimits): { packed: Transform; unpacked: Transform } {
  let packedBytes = 0;
  let unpackedBytes = 0;
  const packed = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      packedBytes += chunk.length;
      done(packedBytes > limits.packedBytes ? TooLarge({ message: `A package has at most ${limits.packedBytes} bytes.`, details: { maxBytes: limits.packedBytes } }) : null, chunk);
    },
  });
  const unpacked = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      unpackedBytes += chunk.length;
      const bomb = unpackedBytes > limits.unpackedBytes || (unpackedBytes > mebibyte && unpackedBytes > packedBytes * limits.ratio);
      done(bomb ? TooLarge({ message: 'The package unpacks to more than a package may.', details: { maxBytes: limits.unpackedBytes, maxRatio: limits.ratio } }) : null, chunk);
    },
  });
  return { packed, unpacked };
}

/** Names are shown to people: short, and without control characters. */
// oxlint-disable-next-line no-control-regex
const shown = (name: string): string => name.replace(/[\u0000-\u001f\u007f]/g, '?').slice(0, 100);

function admit(header: Header, taken: Entries): EntryName {
  const { name } = header;
  const entry = shown(name);
  if (/^([/\\]|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes('..')) throw UnsafePath({ message: `The entry ${entry} points outside of the package.`, details: { entry } });
  if (header.type !== 'file') throw UnsafeEntry({ message: `The entry ${entry} is a ${header.type ?? 'special file'}, not a plain file.`, details: { entry } });
  if (!isEntryName(name)) throw UnknownEntry({ message: `A package has no entry ${entry}.`, details: { entry } });
  if (Object.hasOwn(taken, name)) throw DuplicateEntry({ message: `The package has ${entry} twice.`, details: { entry } });
  const { maxBytes } = entryRules[name];
  if ((header.size ?? 0) > maxBytes) throw TooLarge({ message: `${name} is larger than ${maxBytes} bytes.`, details: { entry, maxBytes } });
  return name;
}

/** Reads entries as they come; each is bounded by its own rule before a byte of it is kept. */
async function readEntries(archive: ReturnType<typeof extract>): Promise<Entries> {
  const entries: Partial<Record<EntryName, Uint8Array>> = {};
  for await (const entry of archive) {
    const name = admit(entry.header, entries);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks);
    if (content.length !== entry.header.size) throw Truncated({ details: { entry: name } });
    entries[name] = content;
  }
  return entries;
}

/** Errors of zlib and tar, in our words. */
function mapped(error: unknown): unknown {
  if (error instanceof PluginError) return error;
  const { code, message = '' } = error as { code?: string; message?: string };
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(message)) return Truncated({ cause: error });
  if (code?.startsWith('Z_') || /tar|header/i.test(message)) return NotAnArchive({ cause: error });
  return error;
}

function textOf(name: EntryName, content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw InvalidEntry({ message: `${name} is not UTF-8 text.`, details: { entry: name }, cause });
  }
}

function judgeContent(entries: Entries): Package {
  for (const [name, rule] of Object.entries(entryRules)) {
    const content = entries[name as EntryName];
    if (content === undefined && rule.required) throw MissingEntry({ message: `The package has no ${name}.`, details: { entry: name } });
    if (content !== undefined && rule.text) textOf(name as EntryName, content);
  }
  const icon = entries['icon.png'];
  if (icon !== undefined && !pngMagic.equals(icon.subarray(0, pngMagic.length))) throw InvalidEntry({ message: 'icon.png is not a PNG image.', details: { entry: 'icon.png' } });
  let manifest: unknown;
  try {
    manifest = JSON.parse(textOf('manifest.json', entries['manifest.json'] as Uint8Array));
  } catch (cause) {
    throw InvalidEntry({ message: 'manifest.json is not JSON.', details: { entry: 'manifest.json' }, cause });
  }
  return { entries, manifest, code: textOf('plugin.js', entries['plugin.js'] as Uint8Array), digest: contentDigest(entries) };
}

/**
 * Reads a package while it arrives, in bounded memory, and refuses whatever is not exactly a
 * package. Nothing is written to disk and no name from the archive is used as a path.
 *
 * @throws PACKAGE_NOT_AN_ARCHIVE, PACKAGE_TRUNCATED, PACKAGE_TOO_LARGE, PACKAGE_UNSAFE_PATH,
 * PACKAGE_UNSAFE_ENTRY, PACKAGE_DUPLICATE_ENTRY, PACKAGE_UNKNOWN_ENTRY, PACKAGE_MISSING_ENTRY,
 * PACKAGE_INVALID_ENTRY.
 */
export async function readPackage(source: Uint8Array | AsyncIterable<Uint8Array>, limits: PackageLimits = packageLimits): Promise<Package> {
  const { packed, unpacked } = guards(limits);
  const archive = extract();
  const input = Readable.from(source instanceof Uint8Array ? [source] : source, { objectMode: false });
  const flow = pipeline(input, packed, createGunzip(), unpacked, archive);
  const reading = readEntries(archive);
  // Whichever fails first ends the other; both are awaited so that no rejection is left behind.
  const [flowed, read] = await Promise.allSettled([flow, reading.catch((error: unknown) => {
    archive.destroy(error as Error);
    throw error;
  })]);
  if (read.status === 'rejected' && read.reason instanceof PluginError) throw read.reason;
  if (flowed.status === 'rejected') throw mapped(flowed.reason);
  if (read.status === 'rejected') throw mapped(read.reason);
  if (Object.keys(read.value).length === 0) throw NotAnArchive();
  return judgeContent(read.value);
}

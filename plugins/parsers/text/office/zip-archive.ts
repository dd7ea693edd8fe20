import { inflateRawSync } from 'node:zlib';
import { ParseProblem, damaged, encrypted } from '../parse-problem.ts';

export const maxEntries = 10_000;
/** Of all entries together, as the directory says and as it comes out. */
export const maxExpandedBytes = 268_435_456;
const maxEntryBytes = 100_663_296;
/** Office files stay below 60; deflate ends at 1,032. Small entries of blanks may be beyond it. */
const maxRatio = 250;
const ratioFromBytes = 8_388_608;

interface Entry {
  method: number;
  flags: number;
  packedBytes: number;
  sizeBytes: number;
  /** Of its local header. */
  at: number;
}

/** The files of a ZIP archive in memory (PKWARE APPNOTE 6.3.10), each expanded when asked for, within bounds. */
export interface ZipArchive {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Null when there is no such entry. @throws ParseProblem */
  read(name: string): Uint8Array | null;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const tooLarge = (message: string): ParseProblem => new ParseProblem('too-large', 'EXPANSION_LIMIT', message);

/** Section 4.3.16: at the end, before a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 65_535); at -= 1) if (view.getUint32(at, true) === endSignature) return at;
  throw damaged('The archive has no directory: it is cut off or damaged.');
}

function readDirectory(content: Uint8Array, view: DataView): Map<string, Entry> {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  // What stands before the archive shifts all its offsets.
  const shift = Math.max(0, end - view.getUint32(end + 12, true) - start);
  if (count > maxEntries) throw new ParseProblem('too-large', 'ENTRY_LIMIT', `The archive has more than ${maxEntries} entries.`);
  const entries = new Map<string, Entry>();
  const decoder = new TextDecoder();
  let expanded = 0;
  let at = start + shift;
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > content.length || view.getUint32(at, true) !== entrySignature) throw damaged('The directory of the archive is damaged.');
    const nameLength = view.getUint16(at + 28, true);
    const name = decoder.decode(content.subarray(at + 46, at + 46 + nameLength)).replaceAll('\\', '/').replace(/^\/+/, '');
    const entry: Entry = { flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true), packedBytes: view.getUint32(at + 20, true), sizeBytes: view.getUint32(at + 24, true), at: view.getUint32(at + 42, true) + shift };
    expanded += entry.sizeBytes;
    if (expanded > maxExpandedBytes) throw tooLarge(`The archive expands to more than ${maxExpandedBytes / 1_048_576} MiB.`);
    if (entry.sizeBytes > ratioFromBytes && entry.sizeBytes > maxRatio * entry.packedBytes) throw tooLarge(`An entry of the archive expands more than ${maxRatio} times.`);
    // Of two with one name the first is what other readers take too.
    if (!entries.has(name)) entries.set(name, entry);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** @throws ParseProblem `damaged`, `too-large` */
export function openZip(content: Uint8Array): ZipArchive {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const entries = readDirectory(content, view);
  let expandedBytes = 0;

  function expand({ method, flags, packedBytes, sizeBytes, at }: Entry): Uint8Array {
    // Section 4.4.4, bit 0: encrypted.
    if ((flags & 1) !== 0) throw encrypted();
    if (at + 30 > content.length) throw damaged('An entry of the archive is cut off.');
    const from = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    const packed = content.subarray(from, from + packedBytes);
    if (packed.length < packedBytes) throw damaged('An entry of the archive is cut off.');
    if (method === 0) return packed;
    if (method !== 8) throw new ParseProblem('unsupported', 'COMPRESSION_UNKNOWN', 'The archive is compressed in a way that is not read.');
    if (sizeBytes > maxEntryBytes) throw tooLarge(`An entry of the archive expands to more than ${maxEntryBytes / 1_048_576} MiB.`);
    try {
      // No more than it said: a directory that lies is not believed.
      return inflateRawSync(packed, { maxOutputLength: Math.max(1, sizeBytes) });
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('An entry of the archive expands to more than its directory says.');
      throw damaged('An entry of the archive cannot be expanded.');
    }
  }

  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      const bytes = expand(entry);
      expandedBytes += bytes.length;
      if (expandedBytes > 2 * maxExpandedBytes) throw tooLarge('The archive expands too far.');
      return bytes;
    },
  };
}

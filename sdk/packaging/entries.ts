/**
 * What a package (`.ppx`) holds: a gzipped tar of these files and nothing else, in the order of
 * their names. `signature.json` is the only entry that a signature does not cover.
 */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Names of the entries; no other exists. */
export type EntryName = 'CHANGELOG.md' | 'README.md' | 'icon.png' | 'manifest.json' | 'plugin.js' | 'plugin.js.map' | 'signature.json';

interface EntryRule {
  required: boolean;
  maxBytes: number;
  /** UTF-8 text; the icon is the only binary entry. */
  text: boolean;
}

/** Which entries there are, and what each may be. */
export const entryRules: Readonly<Record<EntryName, EntryRule>> = {
  'CHANGELOG.md': { required: false, maxBytes: MiB, text: true },
  'README.md': { required: true, maxBytes: MiB, text: true },
  'icon.png': { required: false, maxBytes: 512 * KiB, text: false },
  'manifest.json': { required: true, maxBytes: 512 * KiB, text: true },
  'plugin.js': { required: true, maxBytes: 8 * MiB, text: true },
  'plugin.js.map': { required: false, maxBytes: 16 * MiB, text: true },
  'signature.json': { required: false, maxBytes: 8 * KiB, text: true },
};

/** The content of a package by entry name. */
export type Entries = Readonly<Partial<Record<EntryName, Uint8Array>>>;

export const signatureEntry = 'signature.json';

/** Narrows a name from an archive. */
export function isEntryName(name: string): name is EntryName {
  return Object.hasOwn(entryRules, name);
}

/** Names in the order in which a package has them: by code unit, the same in every locale. */
export function sortedNames(entries: Entries): EntryName[] {
  return (Object.keys(entries) as EntryName[]).toSorted((a, b) => (a < b ? -1 : 1));
}

/** Bounds of a whole package; a registry may pass lower ones. */
export interface PackageLimits {
  /** As sent. */
  packedBytes: number;
  /** Unpacked, headers and padding included. */
  unpackedBytes: number;
  /** Unpacked to packed, judged from the first MiB on: source text reaches about 10. */
  ratio: number;
}

/** The format's own bounds. */
export const packageLimits: Readonly<PackageLimits> = { packedBytes: 8 * MiB, unpackedBytes: 32 * MiB, ratio: 100 };

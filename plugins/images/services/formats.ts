import { ImageUnsupported } from '../errors.ts';

/** A family of files by their first bytes, by the name that libvips gives it. */
export type Format = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif' | 'heic';

/** What every browser draws, and what avatars are made of. */
export const webFormats: readonly Format[] = ['jpeg', 'png', 'gif', 'webp'];
export const allFormats: readonly Format[] = [...webFormats, 'tiff', 'avif', 'heic'];

const starts = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean => signature.every((byte, index) => bytes[at + index] === byte);
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

/** The brands of an ISO base media file (ISO/IEC 14496-12, section 4.3): the major one, then the compatible ones. */
function brandsOf(head: Uint8Array): string[] {
  if (head.length < 16 || !starts(head, ascii('ftyp'), 4)) return [];
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
  const brands = [bytes.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  return brands;
}

const isAvif = (brands: readonly string[]): boolean => brands.includes('avif') || brands.includes('avis');
const hevcBrands = new Set(['heic', 'heix', 'hevc', 'hevx', 'mif1', 'msf1']);

/** What the first bytes must be. Everything else libvips could read (SVG, PDF, and what its loaders call) is never handed to it. */
const signatures: readonly (readonly [format: Format, matches: (head: Uint8Array) => boolean])[] = [
  ['jpeg', (head) => starts(head, [0xff, 0xd8, 0xff])],
  ['png', (head) => starts(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['gif', (head) => starts(head, ascii('GIF8'))],
  ['webp', (head) => starts(head, ascii('RIFF')) && starts(head, ascii('WEBP'), 8)],
  ['tiff', (head) => starts(head, [0x49, 0x49, 0x2a, 0x00]) || starts(head, [0x4d, 0x4d, 0x00, 0x2a])],
  ['avif', (head) => isAvif(brandsOf(head))],
  ['heic', (head) => hevcBrands.has(brandsOf(head)[0] ?? '')],
];

const named = (format: Format): string => (format === 'webp' ? 'WebP' : format.toUpperCase());
const anyOf = new Intl.ListFormat('en', { type: 'disjunction' });

/** @throws IMAGE_UNSUPPORTED for what is none of `allowed`, whatever it claims to be */
export function formatOf(head: Uint8Array, allowed: readonly Format[]): Format {
  const found = signatures.find(([format, matches]) => allowed.includes(format) && matches(head))?.[0];
  if (found === undefined) throw ImageUnsupported({ message: `The picture must be a ${anyOf.format(allowed.map(named))} file.` });
  return found;
}

import { cleanText } from './tag-values.ts';

const maxItems = 256;
const maxDepth = 5;
/** Longer runs of numbers are tables for decoders. */
const maxNumbers = 64;

function fromBytes(bytes: Uint8Array): unknown {
  if (bytes.length === 0 || bytes.length > 16) return undefined;
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? String.fromCharCode(...bytes) : [...bytes];
}

/** Reduces a parsed tag to JSON that any database takes: bounded, finite, without binary data. Undefined when nothing is left. */
export function plainJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value) || undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || depth > maxDepth) return undefined;
  if (value instanceof Uint8Array) return fromBytes(value);
  if (ArrayBuffer.isView(value)) {
    const numbers = [...(value as unknown as Iterable<number>)];
    return numbers.length <= maxNumbers ? numbers.filter(Number.isFinite) : undefined;
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((item) => plainJson(item, depth + 1)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  const plain = plainObject(value as Record<string, unknown>, depth);
  return Object.keys(plain).length > 0 ? plain : undefined;
}

/** {@link plainJson} of every entry. Tags that are known only by number are vendors' own and left out. */
export function plainObject(value: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, maxItems)) {
    const name = cleanText(key).slice(0, 100);
    if (name === '' || name === '__proto__' || /^\d+$/.test(name)) continue;
    const reduced = plainJson(item, depth + 1);
    if (reduced !== undefined) plain[name] = reduced;
  }
  return plain;
}

import { isDeepStrictEqual } from 'node:util';
import { ManifestMismatch } from './errors.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Top-level parts in which two manifests differ. */
function differences(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isDeepStrictEqual(a[key], b[key])).toSorted();
}

/**
 * Compares the manifest that people consented to with the one the script shows when it is run
 * (in a throw-away isolate, never here). Order of keys does not matter, every value does.
 *
 * @throws MANIFEST_MISMATCH; `details.fields` names the parts that differ.
 */
export function assertSameManifest(declared: unknown, extracted: unknown): void {
  if (!isObject(declared) || !isObject(extracted)) throw ManifestMismatch({ details: { fields: [] } });
  const fields = differences(declared, extracted);
  if (fields.length > 0) throw ManifestMismatch({ message: `The manifest of the package and of its script differ in: ${fields.slice(0, 10).join(', ')}.`, details: { fields: fields.slice(0, 20) } });
}

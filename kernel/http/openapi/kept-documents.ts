import { createHash } from 'node:crypto';
import type { Manifest } from '@proofpix/sdk';

/** A document as JSON text, and its entity tag. */
export interface KeptDocument {
  json: string;
  etag: string;
}

/** Documents kept; each is one set of plugin versions that some caller has. */
const maxKept = 64;

/** Makes a document once for each set of plugin versions, and for callers whom `audience` tells apart. The last used is the last dropped. */
export function createKeptDocuments(make: (manifests: readonly Manifest[], audience: string) => unknown): (manifests: readonly Manifest[], audience: string) => KeptDocument {
  const kept = new Map<string, KeptDocument>();
  return (manifests, audience) => {
    const sorted = manifests.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const key = `${audience} ${sorted.map(({ id, version }) => `${id}@${version}`).join(' ')}`;
    let found = kept.get(key);
    if (found === undefined) {
      const json = JSON.stringify(make(sorted, audience));
      found = { json, etag: `"${createHash('sha256').update(json).digest('hex').slice(0, 32)}"` };
    }
    kept.delete(key);
    kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}

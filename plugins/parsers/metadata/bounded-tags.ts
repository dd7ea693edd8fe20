/** Of all tags as JSON. */
const maxTagBytes = 524_288;

type Groups = Record<string, Record<string, unknown>>;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/**
 * The tags within 512 KiB: where there is more, the largest go first.
 *
 * @returns also the names of what was left out, as `group:name`
 */
export function boundedTags(groups: Groups, maxBytes = maxTagBytes): { tags: Groups; leftOut: string[] } {
  let totalBytes = bytesOf(groups);
  if (totalBytes <= maxBytes) return { tags: groups, leftOut: [] };
  const kept = new Map(Object.entries(groups).map(([group, tags]) => [group, new Map(Object.entries(tags))]));
  const largest = Object.entries(groups)
    .flatMap(([group, tags]) => Object.entries(tags).map(([name, value]) => ({ group, name, bytes: bytesOf(value) + bytesOf(name) + 2 })))
    .toSorted((a, b) => b.bytes - a.bytes);
  const leftOut: string[] = [];
  for (const { group, name, bytes } of largest) {
    if (totalBytes <= maxBytes) break;
    kept.get(group)?.delete(name);
    totalBytes -= bytes;
    leftOut.push(`${group}:${name}`);
  }
  return { tags: Object.fromEntries([...kept].filter(([, tags]) => tags.size > 0).map(([group, tags]) => [group, Object.fromEntries(tags)])), leftOut };
}

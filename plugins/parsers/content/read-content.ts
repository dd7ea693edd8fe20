import type { Bytes } from '@proofpix/sdk';
import { IncompleteContent } from '../errors.ts';

/**
 * Collects a stream into one buffer of its own, allocated once.
 *
 * @param sizeBytes how many bytes to take; the stream is closed after them
 * @throws INCOMPLETE_CONTENT when the stream is shorter
 */
export async function readContent(source: Bytes, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(sizeBytes);
  let at = 0;
  if (sizeBytes > 0) {
    for await (const chunk of source) {
      const part = chunk.subarray(0, sizeBytes - at);
      content.set(part, at);
      at += part.length;
      if (at === sizeBytes) break;
    }
  }
  if (at < sizeBytes) throw IncompleteContent();
  return content;
}

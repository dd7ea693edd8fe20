import type { StoredFile } from '@proofpix/sdk';
import { isTypeMismatch } from './media-type.ts';
import type { ScanFields } from './quarantine.ts';

/** What records hold of content that was just kept. `declaredType` is the client's word, if it gave one. */
export function contentFacts(stored: StoredFile, declaredType: string | null, scan: ScanFields) {
  return { contentId: stored.id, mimeType: stored.mimeType, declaredType, typeMismatch: isTypeMismatch(declaredType, stored.mimeType), sizeBytes: stored.sizeBytes, sha256: stored.sha256, ...scan };
}

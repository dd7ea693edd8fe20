/** What clients send when they do not know. */
const generic = new Set(['application/octet-stream', 'binary/octet-stream', 'application/x-download']);

/** Names of one type that clients mix up. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/tif': 'image/tiff',
  'image/heif': 'image/heic',
  'image/heif-sequence': 'image/heic',
  'image/heic-sequence': 'image/heic',
  'image/apng': 'image/png',
  'application/x-pdf': 'application/pdf',
  'application/x-zip-compressed': 'application/zip',
  'text/xml': 'application/xml',
};

function essence(type: string): string {
  const bare = (type.split(';')[0] ?? '').trim().toLowerCase();
  return aliases[bare] ?? bare;
}

/**
 * Whether a client's word contradicts the content. No word, and a generic one, contradict nothing.
 * Office files are zip archives inside: a sniffer that stops at the archive is no contradiction.
 */
export function isTypeMismatch(declaredType: string | null, mimeType: string): boolean {
  if (declaredType === null) return false;
  const declared = essence(declaredType);
  const found = essence(mimeType);
  if (declared === '' || generic.has(declared) || generic.has(found)) return false;
  if (found === 'application/zip' && /^application\/(vnd\.|epub\+zip|java-archive)/.test(declared)) return false;
  return declared !== found;
}

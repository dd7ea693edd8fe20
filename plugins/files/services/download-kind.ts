/** What a request for a file hands out: the `whole`, the `rest` of a download that broke off, or `nothing` but that it is unchanged. */
export type DownloadKind = { kind: 'whole' } | { kind: 'rest'; bytes: number } | { kind: 'nothing' };

const whole: DownloadKind = { kind: 'whole' };

/**
 * Read off the headers, stricter than the host that answers (RFC 9110, sections 13.2.2 and 14.2): whatever the host
 * might take for a request for the whole is `whole` here too. A range from the first byte on is a beginning, and so
 * is one that counts from the end.
 */
export function downloadKind(headers: Readonly<Record<string, string>>, { sha256, sizeBytes }: { sha256: string; sizeBytes: number }): DownloadKind {
  const etag = `"${sha256}"`;
  const known = headers['if-none-match'];
  if (known === etag || known === `W/${etag}`) return { kind: 'nothing' };
  const [match, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(headers['range'] ?? '') ?? [];
  if (match === undefined || (headers['if-range'] ?? etag) !== etag) return whole;
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  return start === 0 || start >= end ? whole : { kind: 'rest', bytes: end - start };
}

/** Types that a browser shows without running anything from them. */
const showable = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp', 'image/tiff', 'application/pdf', 'text/plain']);

function mayShow(mimeType: string): boolean {
  const type = (mimeType.split(';')[0] ?? '').trim().toLowerCase();
  return showable.has(type) || type.startsWith('audio/') || type.startsWith('video/');
}

/** RFC 8187, section 3.2.1: what may stand unescaped in an extended value. */
const encodeExtended = (text: string): string => encodeURIComponent(text).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Base name without control, bidirectional and separator characters. */
function cleanName(filename: string): string {
  const base = filename.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  return [...base.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, '')].slice(0, 200).join('').trim();
}

/**
 * Content-Disposition by RFC 6266, with an ASCII fallback beside the exact name. `inline` is only
 * granted to types that run nothing; HTML and SVG are always downloads.
 */
export function contentDisposition(options: { filename?: string | undefined; inline: boolean; mimeType: string }): string {
  const kind = options.inline && mayShow(options.mimeType) ? 'inline' : 'attachment';
  const name = cleanName(options.filename ?? '');
  if (name === '') return kind;
  const fallback = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  return fallback === name ? `${kind}; filename="${name}"` : `${kind}; filename="${fallback}"; filename*=UTF-8''${encodeExtended(name)}`;
}

import type { ProcessingCompleted } from '@proofpix/plugin-files/contract';

export type ContentKind = ProcessingCompleted['kind'];

/** Raster formats whose headers are read. SVG is a program in XML and stays out. */
const images = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif', 'image/tiff']);
const documents = /^application\/(pdf|rtf|msword|epub\+zip|x-cfb|vnd\.(ms-|openxmlformats-officedocument|oasis\.opendocument))/;
const archives = /^application\/(zip|gzip|x-(7z|rar|tar|bzip2|xz|zip)|vnd\.rar|zstd)/;
const mails = /^message\//;
const textual = /^(text\/|application\/(json|xml|yaml|x-ndjson)|image\/svg\+xml)/;

/** Coarse class of a media type (RFC 6838). */
export function contentKind(mimeType: string): ContentKind {
  const type = (mimeType.split(';')[0] ?? '').trim().toLowerCase();
  if (images.has(type)) return 'image';
  if (documents.test(type) || mails.test(type)) return 'document';
  if (textual.test(type)) return 'text';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  return archives.test(type) ? 'archive' : 'other';
}

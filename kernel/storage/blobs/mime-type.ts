import { fileTypeFromBuffer } from 'file-type';

/** How much of a file's beginning is looked at. */
export const sniffBytes = 64 * 1024;

export const unknownType = 'application/octet-stream';

/** RFC 6838 names; parameters are cut off. */
const mimeType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** The bare lower-case type, or null when it is none. */
export function normaliseType(declared: string | null): string | null {
  const bare = declared?.split(';')[0]?.trim().toLowerCase() ?? '';
  return mimeType.test(bare) ? bare : null;
}

/** Containers say little of what is inside; a declared type of the same family says more. */
const families: Readonly<Record<string, RegExp>> = {
  'application/xml': /\+xml$|^text\/xml$/,
  'application/zip': /^application\/(?:vnd\.(?:openxmlformats|oasis\.opendocument|ms-)|epub\+zip|java-archive)/,
  'application/x-cfb': /^application\/(?:msword|vnd\.ms-)/,
};

/** The type that the content shows, else the declared one, else {@link unknownType}. */
export async function typeOf(head: Uint8Array, declared: string | null): Promise<string> {
  // a file cut short makes some detectors throw: then the content tells nothing
  const sniffed = (await fileTypeFromBuffer(head).catch(() => undefined))?.mime;
  if (sniffed === undefined) return declared ?? unknownType;
  const bare = normaliseType(sniffed) ?? unknownType;
  return declared !== null && families[bare]?.test(declared) ? declared : bare;
}

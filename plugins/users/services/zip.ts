import type { Bytes } from '@proofpix/sdk';
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from 'fflate';

/** One file of an archive. */
export interface ZipEntry {
  path: string;
  content: Bytes | AsyncIterable<string>;
  /** packed already, so that deflating is a waste */
  stored: boolean;
}

/** What the plain ZIP format can count (APPNOTE 4.4: no ZIP64), with room for the directory. */
export const maxZipBytes = 4_000_000_000;
export const maxZipEntries = 60_000;

/** A ZIP archive as it comes to be: nothing of it is held but what has not been read yet. */
export async function* zipped(entries: AsyncIterable<ZipEntry>): Bytes {
  let ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error !== null) failure = error;
    else ready.push(chunk);
  });
  function taken(): Uint8Array[] {
    if (failure !== null) throw failure;
    const chunks = ready.filter(({ length }) => length > 0);
    ready = [];
    return chunks;
  }
  for await (const { path, content, stored } of entries) {
    const file = stored ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 6 });
    zip.add(file);
    for await (const chunk of content as AsyncIterable<Uint8Array | string>) {
      file.push(typeof chunk === 'string' ? strToU8(chunk) : chunk, false);
      yield* taken();
    }
    file.push(new Uint8Array(0), true);
    yield* taken();
  }
  zip.end();
  yield* taken();
}

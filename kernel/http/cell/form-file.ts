import type { MultipartFile } from '@fastify/multipart';
import { type Json, PayloadTooLarge, type PluginError } from '@proofpix/sdk';
import type { CellBackend, RequestScope } from '../contract.ts';
import { invalid } from '../errors/validation-error.ts';

export interface FormFiles {
  /** Of one file. */
  maxBytes: number;
  ephemeral: boolean;
  /** Bytes that a form may still send in vain; null when an oversized file ends the request. */
  surplus: { bytes: number } | null;
}

/** Base name without control characters, as the SDK promises. */
function baseName(filename: string | undefined): string {
  const name = (filename ?? '').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  return name.replaceAll(/\p{Cc}/gu, '').slice(0, 255);
}

/** A file's bytes up to the limit. What a store does not read is still to be read: the form's next part comes behind it. */
async function* within(part: MultipartFile, maxBytes: number, over: (sentBytes: number) => PluginError): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of part.file.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw over(sizeBytes);
    yield chunk;
  }
  // the parser cuts at the limit and says so
  if (part.file.truncated) throw over(sizeBytes);
}

/** @throws PAYLOAD_TOO_LARGE when the form has sent too much in vain */
async function readPast(part: MultipartFile, surplus: { bytes: number }, refusal: PluginError): Promise<void> {
  for await (const chunk of part.file as AsyncIterable<Uint8Array>) {
    surplus.bytes -= chunk.length;
    if (surplus.bytes < 0) throw refusal;
  }
}

/**
 * Stores one file of a form as it arrives. The handle is pushed to `handles` at once.
 *
 * @throws PAYLOAD_TOO_LARGE for an oversized file, unless the form reports those; VALIDATION_ERROR for a form that ends early
 */
export async function receiveFile(part: MultipartFile, { maxBytes, ephemeral, surplus }: FormFiles, backend: CellBackend, scope: RequestScope, handles: string[]): Promise<Record<string, Json>> {
  const init = { field: part.fieldname, filename: baseName(part.filename), declaredType: part.mimetype === '' ? null : part.mimetype, maxBytes, ephemeral };
  const refusal = PayloadTooLarge({ message: 'A file is too large.', details: { field: `body.${part.fieldname}`, maxBytes } });
  let isOver = false;
  const over = (sentBytes: number): PluginError => {
    isOver = true;
    if (surplus !== null) surplus.bytes -= sentBytes;
    return refusal;
  };
  try {
    const file = await backend.upload(scope, init, within(part, maxBytes, over));
    if (typeof file['handle'] === 'string') handles.push(file['handle']);
    return file;
  } catch (error) {
    // the stream broke by itself: the form ended in the middle of the file
    if (part.file.errored !== null) throw invalid('body', 'is a form that ends early');
    if (!isOver || surplus === null) throw error;
    await readPast(part, surplus, refusal);
    const { field, filename, declaredType } = init;
    return { handle: '', field, filename, declaredType, mimeType: declaredType ?? 'application/octet-stream', sizeBytes: 0, sha256: '', error: { code: refusal.code, message: refusal.message } };
  }
}

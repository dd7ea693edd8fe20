import { ValidationError } from '@proofpix/sdk';
import type { UploadOptions } from '../schemas.ts';
import { fromBase64 } from './base64.ts';
import { checkFilename } from './file-name.ts';

export interface UploadMetadata {
  filename: string;
  declaredType: string | null;
  options: UploadOptions;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const mediaType = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(;[\x20-\x7e]{0,50})?$/;

function refuse(key: string, issue: string): never {
  throw ValidationError({ message: `Upload-Metadata: ${key} ${issue}`, details: { field: `headers.upload-metadata.${key}`, issue } });
}

/** UTF-8 inside. */
function decoded(key: string, base64: string): string {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) refuse(key, 'is not base64');
  return new TextDecoder().decode(fromBase64(base64));
}

function flag(values: ReadonlyMap<string, string>, key: string): boolean {
  const value = values.get(key) ?? 'true';
  if (value !== 'true' && value !== 'false') refuse(key, 'must be true or false');
  return value === 'true';
}

/**
 * What a tus client says of its file (tus 1.0.0, Upload-Metadata): `filename`, needed; `filetype`, `folderId`,
 * `processImmediately`, `extractMetadata`, `ocr`. Other keys are for others.
 *
 * @throws VALIDATION_ERROR
 */
export function uploadMetadata(header: string): UploadMetadata {
  const values = new Map<string, string>();
  for (const pair of header.split(',').slice(0, 50)) {
    const [key = '', value = ''] = pair.trim().split(' ');
    if (key !== '') values.set(key, decoded(key, value));
  }
  const filename = values.get('filename') ?? '';
  if (filename.length > 255) refuse('filename', 'has more than 255 characters');
  checkFilename(filename, 'headers.upload-metadata.filename');
  const declaredType = values.get('filetype') || null;
  if (declaredType !== null && !mediaType.test(declaredType)) refuse('filetype', 'is no media type');
  const folderId = values.get('folderId') || null;
  if (folderId !== null && !uuid.test(folderId)) refuse('folderId', 'is no id');
  const ocr = values.get('ocr') ?? 'auto';
  if (ocr !== 'auto' && ocr !== 'off' && ocr !== 'force') refuse('ocr', 'must be auto, off or force');
  return { filename, declaredType, options: { folderId, processImmediately: flag(values, 'processImmediately'), extractMetadata: flag(values, 'extractMetadata'), ocr } };
}

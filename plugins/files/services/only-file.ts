import { type UploadedFile, ValidationError } from '@proofpix/sdk';

/** @throws VALIDATION_ERROR unless a form has exactly one file, in the field `file` */
export function onlyFile([file, ...others]: readonly UploadedFile[]): UploadedFile {
  if (file === undefined || others.length > 0 || file.field !== 'file') {
    throw ValidationError({ message: 'Send exactly one file, in the field "file".', details: { field: 'file', issue: 'exactly one file is required' } });
  }
  return file;
}

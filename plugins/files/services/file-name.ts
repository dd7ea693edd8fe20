import { ValidationError } from '@proofpix/sdk';

/** Case does not count where names are searched and ordered. */
export function nameKeyOf(filename: string): string {
  return filename.normalize('NFC').toLowerCase();
}

/** What a copy without metadata is called, beside its original. */
export function strippedName(filename: string): string {
  const [, stem = '', extension = ''] = /^(.+?)(\.[^.]{1,20})?$/s.exec(filename) ?? [];
  const suffix = ` (stripped)${extension}`;
  return `${stem.slice(0, 255 - suffix.length).toWellFormed()}${suffix}`;
}

/** A LIKE pattern's special characters, taken literally. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function requireText(field: string, value: string): void {
  if (!value.isWellFormed() || /\p{Cc}/u.test(value) || value.trim() === '') throw ValidationError({ message: `${field} must be text that can be seen.`, details: { field, issue: 'is empty or has control characters' } });
}

/** A base name, as uploads have it. @throws VALIDATION_ERROR */
export function checkFilename(filename: string, field = 'body.filename'): void {
  requireText(field, filename);
  if (/[/\\]/.test(filename) || filename === '.' || filename === '..') throw ValidationError({ message: 'A file’s name is no path.', details: { field, issue: 'is a path' } });
}

/** @throws VALIDATION_ERROR */
export function checkTags(tags: readonly string[], field = 'body.tags'): void {
  for (const tag of tags) requireText(field, tag);
}

import { ValidationError } from '@proofpix/sdk';

const maxLength = 100;

/**
 * A name as people write them: any script, one line, without control characters or marks that turn the direction.
 *
 * @throws VALIDATION_ERROR
 */
export function requireName(text: string, field: string): string {
  const name = text.normalize('NFC').trim();
  const isClean = name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name);
  if (name.length === 0 || name.length > maxLength || !isClean) {
    throw ValidationError({ message: `${field} is not valid.`, details: { field: `body.${field}`, issue: `must be 1 to ${maxLength} characters without control characters` } });
  }
  return name;
}

import { ValidationError } from '@proofpix/sdk';

/** Where a page ended: the sort key of its last row. Opaque to clients, and no secret. */
export const encodeCursor = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** What a part of a sort key looks like: nothing else reaches the database. */
export const cursorParts = {
  text: /^[^\0]{0,600}$/s,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  moment: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{1,6}Z$/,
  count: /^\d{1,18}$/,
} as const;

/** @throws VALIDATION_ERROR for anything but a cursor with these parts */
export function decodeCursor(cursor: string, parts: readonly (keyof typeof cursorParts)[]): string[] {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    key = null;
  }
  if (Array.isArray(key) && key.length === parts.length && key.every((part, at) => typeof part === 'string' && part.isWellFormed() && cursorParts[parts[at] ?? 'text'].test(part))) return key as string[];
  throw ValidationError({ message: 'The cursor is not one of ours.', details: { field: 'query.cursor', issue: 'is not a cursor' } });
}

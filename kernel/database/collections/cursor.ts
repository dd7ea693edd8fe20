import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Json, ValidationError } from '@proofpix/sdk';

const tagBytes = 16;
const maxCursorLength = 16_384;

/** Opaque positions in a list. A position holds only for the query it was made for, and cannot be made by a client. */
export interface Cursors {
  write(query: string, position: readonly Json[]): string;
  /** @throws VALIDATION_ERROR on anything that `write` did not make for this query */
  read(query: string, cursor: unknown): Json[];
}

function refuse(): never {
  throw ValidationError({ message: 'cursor: does not belong to this query', details: { field: 'cursor', issue: 'does not belong to this query' } });
}

export function cursors(masterKey: Buffer): Cursors {
  const key = createHmac('sha256', masterKey).update('proofpix list cursors').digest();
  const tagOf = (query: string, body: Buffer): Buffer => createHmac('sha256', key).update(query).update('\0').update(body).digest().subarray(0, tagBytes);
  return {
    write(query, position) {
      const body = Buffer.from(JSON.stringify(position));
      return Buffer.concat([tagOf(query, body), body]).toString('base64url');
    },
    read(query, cursor) {
      if (typeof cursor !== 'string' || cursor.length > maxCursorLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) refuse();
      const bytes = Buffer.from(cursor, 'base64url');
      const body = bytes.subarray(tagBytes);
      if (bytes.length <= tagBytes || !timingSafeEqual(bytes.subarray(0, tagBytes), tagOf(query, body))) refuse();
      return JSON.parse(body.toString()) as Json[];
    },
  };
}

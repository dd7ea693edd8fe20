import { Type, type Static } from 'typebox';
import { keyIdOf, readPublicKey } from './keys.ts';
import type { TrustedKey, TrustStore } from './verify-package.ts';

/** A trusted key as it is written down: in a file beside the configuration, or in a table. */
export const TrustedKeyRecord = Type.Object(
  {
    publisher: Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' }),
    /** SPKI PEM, or the raw 32 bytes as base64 or hex. */
    publicKey: Type.String({ maxLength: 500 }),
    /** RFC 3339. */
    validFrom: Type.String({ maxLength: 40 }),
    validUntil: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
    revoked: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
/** See the schema of the same name. */
export type TrustedKeyRecord = Static<typeof TrustedKeyRecord>;

function moment(text: string, field: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new RangeError(`${field} of a trusted key is not a time: ${text}`);
  return date;
}

/** The key behind a record; its id follows from the key, so a record cannot claim another's. */
export function trustedKey(record: TrustedKeyRecord): TrustedKey {
  const publicKey = readPublicKey(record.publicKey);
  return {
    keyId: keyIdOf(publicKey),
    publisher: record.publisher,
    publicKey,
    validFrom: moment(record.validFrom, 'validFrom'),
    validUntil: record.validUntil == null ? null : moment(record.validUntil, 'validUntil'),
    revoked: record.revoked ?? false,
  };
}

/** A trust store that is held in memory: for an operator's list, and for tests. */
export interface KeyRing extends TrustStore {
  find(keyId: string): TrustedKey | null;
  add(record: TrustedKeyRecord): TrustedKey;
  /** False when there is no such key. */
  revoke(keyId: string): boolean;
}

/** @throws Error for a record that cannot be read or a key that is listed twice, at start, not at the first package. */
export function keyRing(records: readonly TrustedKeyRecord[] = []): KeyRing {
  const keys = new Map<string, TrustedKey>();
  const ring: KeyRing = {
    find: (keyId) => keys.get(keyId) ?? null,
    add(record) {
      const key = trustedKey(record);
      const known = keys.get(key.keyId);
      if (known !== undefined) throw new RangeError(`the key ${key.keyId} is listed twice, for ${known.publisher} and ${key.publisher}`);
      keys.set(key.keyId, key);
      return key;
    },
    revoke(keyId) {
      const key = keys.get(keyId);
      if (key === undefined) return false;
      keys.set(keyId, { ...key, revoked: true });
      return true;
    },
  };
  for (const record of records) ring.add(record);
  return ring;
}

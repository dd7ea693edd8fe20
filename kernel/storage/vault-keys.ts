import { createHmac, randomBytes } from 'node:crypto';
import { type EnvelopeKey, gcmOpen, gcmSeal } from './envelope.ts';
import { deriveKey } from './master-key.ts';

/** Which master key something is wrapped by, without telling anything about it. */
export const masterKeyId = (masterKey: Uint8Array): string => createHmac('sha256', masterKey).update('proofpix master key id').digest('hex').slice(0, 16);

/** Wraps key-encryption keys under one master key. */
export function keyWrap(masterKey: Uint8Array) {
  const key = deriveKey(masterKey, 'vault key wrap');
  return {
    wrap: (kek: EnvelopeKey): Buffer => gcmSeal(key, kek.key, `key-encryption key ${kek.id}`),
    unwrap: (id: string, wrapped: Uint8Array): EnvelopeKey => ({ id, key: gcmOpen(key, wrapped, `key-encryption key ${id}`) }),
  };
}

export interface VaultKeyRow {
  id: string;
  wrapped: Buffer;
  masterKeyId: string;
  active: boolean;
  rotatingTo: string | null;
}

export const vaultKeyColumns = 'id, wrapped, master_key_id as "masterKeyId", active, rotating_to as "rotatingTo"';

export const newEnvelopeKey = (): EnvelopeKey => ({ id: randomBytes(16).toString('hex'), key: randomBytes(32) });

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/**
 * Layout of an envelope:
 *
 *   version (1) | key id (16) | nonce, data key, tag (12 + 32 + 16) | nonce, content, tag (12 + n + 16)
 *
 * The data key is fresh for each envelope and wrapped by the key-encryption key that the id names, so a rotation
 * rewrites 60 bytes and never sees the content. Both parts are AES-256-GCM (NIST SP 800-38D); the wrapped key is bound
 * to the key id, the content to its context.
 */
const version = 1;
const idBytes = 16;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const wrapStart = 1 + idBytes;
const wrapBytes = nonceBytes + keyBytes + tagBytes;
const contentStart = wrapStart + wrapBytes;

/** SQL for the key id of an envelope in a bytea column, as hex. */
export const envelopeKeyIdSql = (column: string): string => `encode(substring(${column} from 2 for ${idBytes}), 'hex')`;

export function gcmSeal(key: Uint8Array, plain: Uint8Array, associated: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associated));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the content, the key or the associated text is another one */
export function gcmOpen(key: Uint8Array, sealed: Uint8Array, associated: string): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('A sealed value is too short');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(associated));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), decipher.final()]);
}

/** A key-encryption key with its id: 16 bytes in hex. */
export interface EnvelopeKey {
  id: string;
  key: Uint8Array;
}

const wrapContext = (id: string): string => `data key ${id}`;

export function sealEnvelope(kek: EnvelopeKey, plain: Uint8Array, context: string): Buffer {
  const dataKey = randomBytes(keyBytes);
  return Buffer.concat([Buffer.of(version), Buffer.from(kek.id, 'hex'), gcmSeal(kek.key, dataKey, wrapContext(kek.id)), gcmSeal(dataKey, plain, context)]);
}

/** @throws Error when it is no envelope */
export function envelopeKeyId(sealed: Uint8Array): string {
  if (sealed.length < contentStart + nonceBytes + tagBytes || sealed[0] !== version) throw new Error('Not an envelope of the vault');
  return Buffer.from(sealed.subarray(1, wrapStart)).toString('hex');
}

function dataKeyOf(kek: EnvelopeKey, sealed: Uint8Array): Buffer {
  return gcmOpen(kek.key, sealed.subarray(wrapStart, contentStart), wrapContext(kek.id));
}

export function openEnvelope(kek: EnvelopeKey, sealed: Uint8Array, context: string): Buffer {
  return gcmOpen(dataKeyOf(kek, sealed), sealed.subarray(contentStart), context);
}

/** The same content under another key-encryption key. */
export function rewrapEnvelope(from: EnvelopeKey, to: EnvelopeKey, sealed: Uint8Array): Buffer {
  const wrapped = gcmSeal(to.key, dataKeyOf(from, sealed), wrapContext(to.id));
  return Buffer.concat([Buffer.of(version), Buffer.from(to.id, 'hex'), wrapped, sealed.subarray(contentStart)]);
}

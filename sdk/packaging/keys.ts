import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { defineError } from '../errors.ts';

/** A key that is not an Ed25519 key in a form that is understood here. */
export const KeyInvalid = defineError({ code: 'KEY_INVALID', kind: 'invalid', message: 'This is not an Ed25519 key.' });

/** A publisher's new key, ready to be written to files. */
export interface SigningKeyPair {
  /** Names the public key: see {@link keyIdOf}. */
  keyId: string;
  /** SPKI PEM (RFC 8410). Give it to the registry. */
  publicKey: string;
  /** PKCS #8 PEM (RFC 8410), not encrypted. Keep it where only the publisher reads it. */
  privateKey: string;
}

/** Makes an Ed25519 key pair (RFC 8032). */
export function generateSigningKey(): SigningKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The raw 32 bytes of a public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url');
}

/** First 16 bytes of the SHA-256 of the raw public key, as hex: the same in every encoding of the key. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(rawPublicKey(publicKey)).digest('hex').slice(0, 32);
}

function ed25519Only(make: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = make();
  } catch (cause) {
    throw KeyInvalid({ cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw KeyInvalid({ message: `This is a key of type ${key.asymmetricKeyType}, not Ed25519.` });
  return key;
}

/**
 * Reads a public key: SPKI PEM, or the raw 32 bytes as base64 or hex.
 *
 * @throws KEY_INVALID; also for a private key, which has no business where public ones are read.
 */
export function readPublicKey(text: string): KeyObject {
  const trimmed = text.trim();
  if (trimmed.includes('PRIVATE KEY')) throw KeyInvalid({ message: 'This is a private key; a public one is expected.' });
  if (trimmed.startsWith('-----BEGIN')) return ed25519Only(() => createPublicKey(trimmed));
  const raw = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (raw.length !== 32) throw KeyInvalid();
  return ed25519Only(() => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' }));
}

/**
 * Reads a private key: PKCS #8 PEM.
 *
 * @throws KEY_INVALID.
 */
export function readPrivateKey(text: string): KeyObject {
  if (!text.includes('PRIVATE KEY')) throw KeyInvalid({ message: 'This is not a private key in PEM form.' });
  return ed25519Only(() => createPrivateKey(text));
}

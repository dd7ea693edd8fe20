import { crc32 } from 'node:zlib';
import { fromBase62, toBase62 } from './base62.ts';

/**
 * A key is `px_<environment>_` and 71 base62 digits: 22 of the key's id, 43 of the secret, 6 of a CRC-32 over
 * everything before it. That polynomial is primitive of degree 32 and changes of one character, or two
 * exchanged, are far shorter than its period, so none within what it covers goes unnoticed; what hits the
 * checksum's own digits as well passes once in 2^32. Scanners find it by
 * `px_[a-z]{2,12}_[0-9A-Za-z]{71}` and tell a real one by its checksum.
 */
const shape = /^px_([a-z]{2,12})_([0-9A-Za-z]{22})([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const idDigits = 22;
const secretDigits = 43;
const checksumDigits = 6;
/** Digits of the id that a list shows; the id is public anyway. */
const hintDigits = 8;
const maxUuid = (1n << 128n) - 1n;

export interface ParsedKey {
  /** the environment of the deployment that made it */
  environment: string;
  keyId: string;
  secret: string;
}

export const environmentPattern = '^[a-z]{2,12}$';

const idText = (keyId: string): string => toBase62(BigInt(`0x${keyId.replaceAll('-', '')}`), idDigits);
const checksumOf = (text: string): string => toBase62(BigInt(crc32(text)), checksumDigits);

function uuidOf(value: bigint): string {
  const hex = value.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A secret of 32 random bytes as it stands in the key. */
export const secretText = (bytes: Uint8Array): string => toBase62(BigInt(`0x${Buffer.from(bytes).toString('hex')}`), secretDigits);

export function formatKey({ environment, keyId, secret }: ParsedKey): string {
  const text = `px_${environment}_${idText(keyId)}${secret}`;
  return `${text}${checksumOf(text)}`;
}

/** Null for anything that no deployment made, above all a key with a typing mistake. Asks nobody. */
export function parseKey(key: string): ParsedKey | null {
  const [, environment = '', id = '', secret = '', checksum = ''] = shape.exec(key) ?? [];
  if (checksum === '' || checksumOf(key.slice(0, -checksumDigits)) !== checksum) return null;
  const value = fromBase62(id);
  return value === null || value > maxUuid ? null : { environment, keyId: uuidOf(value), secret };
}

/** How lists show a key: its beginning, none of which is secret, the same after each rotation. */
export const hintOf = (environment: string, keyId: string): string => `px_${environment}_${idText(keyId).slice(0, hintDigits)}`;

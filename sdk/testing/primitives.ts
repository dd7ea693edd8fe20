import { createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { Primitives } from '../runtime/port.ts';

/** DER before the 32 bytes of an Ed25519 key: PKCS #8 seed and SPKI point (RFC 8410, section 10). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The synchronous primitives of `ctx.crypto` over Node's own. */
export const nodePrimitives: Primitives = {
  hash: (algorithm, data) => new Uint8Array(createHash(algorithm).update(data).digest()),
  hmac: (algorithm, key, data) => new Uint8Array(createHmac(algorithm, key).update(data).digest()),
  ed25519Sign: (privateKey, data) => new Uint8Array(sign(null, data, createPrivateKey({ key: Buffer.concat([privatePrefix, privateKey]), format: 'der', type: 'pkcs8' }))),
  ed25519Verify: (publicKey, data, signature) => publicKey.length === 32 && verify(null, data, createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' }), signature),
};

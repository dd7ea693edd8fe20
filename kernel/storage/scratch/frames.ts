import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/**
 * Content in frames of AES-256-GCM, as the STREAM construction has it (Hoang, Reyhanitabar, Rogaway, Vizár: "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): the nonce holds the frame's number and whether
 * it is the last, so that none can be left out, swapped or added, and the content cannot be cut short. A file has a key
 * of its own, so the rest of the nonce may be zero.
 */
export const frameBytes = 65_536;
export const tagBytes = 16;
export const sealedFrameBytes = frameBytes + tagBytes;

const algorithm = 'aes-256-gcm';

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** The key of one file of a session. The caller wipes it. */
export function fileKeyOf(sessionKey: Uint8Array, fileId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sessionKey, Buffer.alloc(0), `proofpix scratch ${fileId}`, 32));
}

export function sealFrame(key: Uint8Array, index: number, isLast: boolean, plain: Uint8Array): Buffer {
  const cipher = createCipheriv(algorithm, key, nonceOf(index, isLast));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the frame is not the one that was written in this place */
export function openFrame(key: Uint8Array, index: number, isLast: boolean, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv(algorithm, key, nonceOf(index, isLast), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  decipher.final();
  return plain;
}

/** How many frames content of this size has; empty content has one, so that it cannot be taken for missing. */
export const frameCount = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / frameBytes));

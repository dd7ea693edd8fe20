import { toBytes, type Primitives } from '@proofpix/sdk/runtime';
import { bridge, bufferOf } from './bridge.ts';

function bytes(found: ArrayBuffer | null): Uint8Array {
  if (found === null) throw new TypeError('The algorithm, key or data is not valid.');
  return new Uint8Array(found);
}

const over = (data: string | Uint8Array): ArrayBuffer => bufferOf(toBytes(data));

export const primitives: Primitives = {
  hash: (algorithm, data) => bytes(bridge.hash(algorithm, over(data))),
  hmac: (algorithm, key, data) => bytes(bridge.hmac(algorithm, over(key), over(data))),
  ed25519Sign: (key, data) => bytes(bridge.ed25519Sign(over(key), over(data))),
  ed25519Verify(key, data, signature) {
    const valid = bridge.ed25519Verify(over(key), over(data), over(signature));
    if (valid === null) throw new TypeError('The key, data or signature is not valid.');
    return valid;
  },
};

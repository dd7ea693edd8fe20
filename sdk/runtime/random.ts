import type { Random } from '../context.ts';
import type { Primitives } from './port.ts';
import { fromHex, toHex } from './encoding.ts';

/**
 * A counter-mode generator over SHA-256: block i is SHA-256(seed ‖ i). With a secret 256-bit seed
 * its output is unpredictable, and with a recorded seed a run can be replayed.
 */
export function seededRandom(seed: string, primitives: Pick<Primitives, 'hash'>): Random {
  const block = new Uint8Array(36);
  block.set(fromHex(seed));
  const counter = new DataView(block.buffer, 32);
  let index = 0;
  let pool = new Uint8Array(0);
  let used = 0;

  function bytes(length: number): Uint8Array {
    if (!Number.isInteger(length) || length < 1 || length > 65_536) throw new RangeError('1 to 65,536 bytes');
    const out = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (used === pool.length) {
        counter.setUint32(0, index++);
        pool = new Uint8Array(primitives.hash('sha256', block));
        used = 0;
      }
      const take = Math.min(length - at, pool.length - used);
      out.set(pool.subarray(used, used + take), at);
      used += take;
      at += take;
    }
    return out;
  }

  return {
    bytes,
    number() {
      const b = bytes(7);
      const high = ((b[0] as number) & 31) * 2 ** 48;
      let low = 0;
      for (let i = 1; i < 7; i++) low = low * 256 + (b[i] as number);
      return (high + low) / 2 ** 53;
    },
    uuid() {
      const b = bytes(16);
      b[6] = ((b[6] as number) & 15) | 64;
      b[8] = ((b[8] as number) & 63) | 128;
      const hex = toHex(b);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
}

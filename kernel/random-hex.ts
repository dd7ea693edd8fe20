import { randomFillSync } from 'node:crypto';

// drawn from a pool, for one call to the random source per 128 ids or seeds
const pool = Buffer.allocUnsafe(4_096);
let used = pool.length;

/** `bytes` (1 to 4,096) from the system's random source, as lower-case hex. Good for secrets: what was given out is wiped from the pool. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const hex = pool.toString('hex', used - bytes, used);
  pool.fill(0, used - bytes, used);
  return hex;
}

import { createHash } from 'node:crypto';

/** Ids and seeds that are the same in every run of a test. */
export interface Ids {
  /** UUID version 7 (RFC 9562): sorts by creation, at the fake clock's time. */
  record(): string;
  /** 32 bytes as hex. */
  seed(): string;
}

export function seededIds(seed: string, now: () => number): Ids {
  let counter = 0;
  const digest = (purpose: string): string => createHash('sha256').update(`${seed} ${purpose} ${counter++}`).digest('hex');
  return {
    record() {
      const order = counter.toString(16).padStart(6, '0').slice(-6);
      const tail = digest('record');
      const time = now().toString(16).padStart(12, '0');
      // 18 bits of order after the version keep ids ascending within a millisecond.
      return `${time.slice(0, 8)}-${time.slice(8)}-7${order.slice(0, 3)}-8${order.slice(3)}-${tail.slice(0, 12)}`;
    },
    seed: () => digest('seed'),
  };
}

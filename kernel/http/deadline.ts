import { Unavailable } from '@proofpix/sdk';

/**
 * The value, or UNAVAILABLE when it takes longer. What runs is not stopped by this: it must have a
 * limit of its own.
 *
 * @throws UNAVAILABLE naming `what`
 */
export function withDeadline<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(Unavailable({ message: `${what} did not answer in time.`, retryAfterSeconds: 1 })), timeoutMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

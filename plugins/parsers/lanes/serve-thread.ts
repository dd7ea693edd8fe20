import { parentPort } from 'node:worker_threads';
import type { Outcome } from './seat.ts';

/**
 * The other end of a thread's seat: one request in, one answer out.
 *
 * @param transferOf buffers of an answer that move instead of being copied
 */
export function serveThread<Q, A>(handle: (request: Q) => A | Promise<A>, transferOf: (answer: A) => ArrayBuffer[] = () => []): void {
  // What libraries print about a file would be its content in the server's log. These are the thread's own streams.
  const silent = ((_text: unknown, ...rest: unknown[]) => {
    const done = rest.findLast((item) => typeof item === 'function');
    done?.();
    return true;
  }) as typeof process.stdout.write;
  if (parentPort !== null) process.stdout.write = process.stderr.write = silent;
  parentPort?.on('message', async (request: Q) => {
    let outcome: Outcome<A>;
    try {
      outcome = { ok: true, value: await handle(request) };
    } catch (error) {
      outcome = { ok: false, message: String(error) };
    }
    // The rule is for windows.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage(outcome, outcome.ok ? transferOf(outcome.value) : []);
  });
}

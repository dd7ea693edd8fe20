import { parentPort } from 'node:worker_threads';
import type { Outcome } from './seat.ts';

/**
 * The other end of a thread's seat: one request in, one answer out.
 *
 * @param transferOf buffers of an answer that move instead of being copied
 */
export function serveThread<Q, A>(handle: (request: Q) => A | Promise<A>, transferOf: (answer: A) => ArrayBuffer[] = () => []): void {
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

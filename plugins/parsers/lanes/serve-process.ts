import type { Outcome } from './seat.ts';

/** The other end of a process’ seat: one request in, one answer out. It ends with the process that started it. */
export function serveProcess<Q, A>(handle: (request: Q) => A | Promise<A>): void {
  process.on('message', async (request) => {
    let outcome: Outcome<A>;
    try {
      outcome = { ok: true, value: await handle(request as Q) };
    } catch (error) {
      outcome = { ok: false, message: String(error) };
    }
    process.send?.(outcome);
  });
  process.on('disconnect', () => process.exit(0));
}

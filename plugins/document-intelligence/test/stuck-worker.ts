import { parentPort } from 'node:worker_threads';

/** A stand-in for the metadata thread that a hostile file holds up: an XMP packet of one byte says how. */
parentPort?.on('message', (request: { xmp: Uint8Array | null }) => {
  const order = request.xmp?.[0];
  if (order === 1) for (;;);
  if (order === 2) {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
  }
  if (order === 3) throw new Error('uncaught');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage({ ok: true, value: { tags: {} } });
});

import { parentPort } from 'node:worker_threads';

/** A stand-in for the HEIC thread that does as the picture's first byte says. */
parentPort?.on('message', ({ content }: { content: Uint8Array }) => {
  if (content[0] === 1) for (;;);
  if (content[0] === 2) throw new Error('uncaught');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage({ ok: true, width: 1, height: 1, data: new Uint8Array(4) });
});

import type { IncomingMessage } from 'node:http';

const lingerMs = 5_000;
const lingerBytes = 33_554_432;

/**
 * Reads and drops what a refused client is still sending, for a while. Closing at once would reset the
 * connection, and most clients would then never see why they were refused. What goes on for too long
 * is cut off.
 */
export function linger(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let dropped = 0;
  const timer = setTimeout(() => request.destroy(), lingerMs);
  timer.unref();
  const over = (): void => clearTimeout(timer);
  request.unpipe();
  request.on('data', (chunk: Uint8Array) => {
    dropped += chunk.length;
    if (dropped > lingerBytes) request.destroy();
  });
  request.once('end', over);
  request.once('close', over);
  request.on('error', over);
  request.resume();
}

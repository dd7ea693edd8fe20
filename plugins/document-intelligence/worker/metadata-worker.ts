import { parentPort } from 'node:worker_threads';
import type { Answer, Request } from './messages.ts';
import { findPlace } from './places.ts';
import { readTags } from './read-tags.ts';

/** Entry of the metadata thread: one request in, one answer out. */
async function answer(request: Request): Promise<Answer> {
  try {
    return { ok: true, value: request.kind === 'read-tags' ? await readTags(request.content, request.xmp) : findPlace(request.latitude, request.longitude) };
  } catch (error) {
    return { ok: false, message: String(error) };
  }
}

parentPort?.on('message', async (request: Request) => {
  // The rule is for windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(await answer(request));
});

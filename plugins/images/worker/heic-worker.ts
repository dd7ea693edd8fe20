import { parentPort } from 'node:worker_threads';
import heic from 'heic-decode';
import { boundMemory } from './bound-memory.ts';
import type { Answer, Request } from './messages.ts';

/** What 50 megapixels take, planes and RGBA, and as much again. */
boundMemory(805_306_368);

/** Entry of the HEIC thread: one picture in, its pixels out. */
async function answer({ content, maxPixels }: Request): Promise<Answer> {
  try {
    const images = await heic.all({ buffer: content });
    try {
      const [first] = images;
      if (first === undefined) throw new Error('no picture');
      // what the coded picture says of itself, which need not be what the container says
      if (first.width * first.height > maxPixels) return { ok: false, tooLarge: true, message: 'pixels' };
      const { width, height, data } = await first.decode();
      return { ok: true, width, height, data: new Uint8Array(data.buffer as ArrayBuffer) };
    } finally {
      images.dispose();
    }
  } catch (error) {
    return { ok: false, tooLarge: false, message: String(error) };
  }
}

parentPort?.on('message', async (request: Request) => {
  const made = await answer(request);
  parentPort?.postMessage(made, made.ok ? [made.data.buffer] : []);
});

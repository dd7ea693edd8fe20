import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { GreyPicture } from '../services/grey-picture.ts';
import { eraseRules } from './erase-rules.ts';

// Tesseract's remarks on pictures, e.g. on their resolution, would end up between the server's log lines.
const silent = (): true => true;
process.stdout.write = silent;
process.stderr.write = silent;

/** As Tesseract reads it: a portable graymap (netpbm's pgm(5)), which costs no compression. */
function graymap(picture: GreyPicture): Uint8Array {
  eraseRules(picture);
  return Buffer.concat([Buffer.from(`P5 ${picture.width} ${picture.height} 255\n`), picture.data]);
}

// Listeners get the same object in the order of their coming: the script below sees the picture as it wants it.
parentPort?.on('message', ({ action, payload }: { action: string; payload: { image: unknown } }) => {
  if (action === 'recognize') payload.image = graymap(payload.image as GreyPicture);
});

/** Entry of a reading thread: the script that tesseract.js runs in its own threads, which listens as soon as it is loaded. */
createRequire(import.meta.url)('tesseract.js/src/worker-script/node/index.js');

import { createRequire } from 'node:module';

// Tesseract's remarks on pictures, e.g. on their resolution, would end up between the server's log lines.
const silent = (): true => true;
process.stdout.write = silent;
process.stderr.write = silent;

/** Entry of a reading thread: the script that tesseract.js runs in its own threads, which listens as soon as it is loaded. */
createRequire(import.meta.url)('tesseract.js/src/worker-script/node/index.js');

import t from 'tap';
import { startReading } from '../services/reading-thread.ts';

const script = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ action }) => { ${code} });`)}`);
const picture = () => ({ data: new Uint8Array(1), width: 1, height: 1 });

t.test('whatever ends a thread rejects its page', async (t) => {
  const ends: [code: string, reason: RegExp][] = [
    ['throw new Error("uncaught")', /uncaught/],
    ['process.exit(0)', /ended/],
    ['parentPort.postMessage({ action, status: "reject", data: "no such model" })', /no such model/],
  ];
  for (const [code, reason] of ends) {
    const thread = startReading('eng', script(code));
    await t.rejects(thread.read(picture()), reason);
    thread.stop();
  }
  const stuck = startReading('eng', script('for (;;);'));
  const held = t.rejects(stuck.read(picture()), /stopped/);
  stuck.stop();
  await held;
});

t.test('a model that is not installed is told at once', async (t) => {
  const thread = startReading('deu');
  await t.rejects(thread.read(picture()), { code: 'MODULE_NOT_FOUND' });
  thread.stop();
});

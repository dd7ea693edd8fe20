import t from 'tap';
import { createReadingPool } from '../services/reading-pool.ts';
import type { ReadingThread, TesseractBlock } from '../services/reading-thread.ts';

const soon = () => Date.now() + 20_000;
const picture = { data: new Uint8Array(1), width: 1, height: 1 };

/** Threads that wait until the test lets them go. */
function fakeThreads() {
  const made: { answers: PromiseWithResolvers<readonly TesseractBlock[]>[]; stopped: boolean; resting: boolean }[] = [];
  const start = (): ReadingThread => {
    const thread = { answers: [] as PromiseWithResolvers<readonly TesseractBlock[]>[], stopped: false, resting: false };
    made.push(thread);
    return {
      read() {
        const answer = Promise.withResolvers<readonly TesseractBlock[]>();
        thread.answers.push(answer);
        return answer.promise;
      },
      rest: () => void (thread.resting = true),
      stop() {
        thread.stopped = true;
        thread.answers.at(-1)?.reject(new Error('stopped'));
      },
    };
  };
  return { start, made };
}

t.test('a page that takes too long costs its thread the life, and the next one gets another', async (t) => {
  const { start, made } = fakeThreads();
  const pool = createReadingPool({ start, pageTimeoutMs: 20 });
  t.teardown(() => pool.close());
  const slow = pool.read(picture, soon());
  const behind = pool.read(picture, soon());
  await t.rejects(slow, { code: 'DEADLINE_EXCEEDED' });
  t.equal(made[0]?.stopped, true);
  t.equal(made.length, 2);
  made[1]?.answers[0]?.resolve([]);
  t.same(await behind, []);
});

t.test('a page that kills its thread is broken', async (t) => {
  const { start, made } = fakeThreads();
  const pool = createReadingPool({ start });
  t.teardown(() => pool.close());
  const killer = pool.read(picture, soon());
  await Promise.resolve();
  made[0]?.answers[0]?.reject(new Error('the thread ended'));
  await t.rejects(killer, { code: 'IMAGE_BROKEN' });
  t.equal(made[0]?.stopped, true);
});

t.test('few may wait, none beyond its deadline, and closing ends it all', async (t) => {
  const { start, made } = fakeThreads();
  const pool = createReadingPool({ start, maxWaiting: 2 });
  const first = pool.read(picture, soon());
  const late = pool.read(picture, Date.now() + 10);
  const patient = pool.read(picture, soon());
  await t.rejects(pool.read(picture, soon()), { code: 'UNAVAILABLE' });
  await t.rejects(late, { code: 'DEADLINE_EXCEEDED' });
  t.equal(made.length, 1, 'no thread for who was too late');
  const ended = [t.rejects(first), t.rejects(patient, { code: 'UNAVAILABLE' })];
  pool.close();
  await Promise.all(ended);
});

t.test('two threads read two pages at once; an idle one is used again, then ended', async (t) => {
  const { start, made } = fakeThreads();
  const pool = createReadingPool({ start, threads: 2, idleMs: 30 });
  t.teardown(() => pool.close());
  const both = [pool.read(picture, soon()), pool.read(picture, soon())];
  await Promise.resolve();
  t.equal(made.length, 2);
  for (const thread of made) thread.answers[0]?.resolve([]);
  await Promise.all(both);
  const third = pool.read(picture, soon());
  await Promise.resolve();
  t.equal(made.length, 2, 'no third one');
  made[0]?.answers[1]?.resolve([]);
  await third;
  const deadlineMs = Date.now() + 5000;
  while (made.some(({ stopped }) => !stopped) && Date.now() < deadlineMs) await new Promise((resolve) => setImmediate(resolve));
  t.ok(made.every(({ stopped, resting }) => stopped && resting));
});

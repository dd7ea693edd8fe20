import t from 'tap';
import { createHeicLane } from '../services/heic-lane.ts';
import { boundMemory, Memory } from '../worker/bound-memory.ts';

const stuck = new URL('stuck-worker.ts', import.meta.url);
/** What the stand-in is to do with the picture, by its first byte. */
const order = (what: number) => Uint8Array.of(what);

t.test('a picture that holds the thread up, or kills it, costs nobody else theirs', async (t) => {
  const lane = createHeicLane({ entry: stuck, timeoutMs: 2_000 });
  t.teardown(() => lane.close());
  const held = t.rejects(lane.decode(order(1), 100), { code: 'IMAGE_TOO_LARGE', details: { limit: 'time' } });
  const fallen = t.rejects(lane.decode(order(2), 100), { code: 'IMAGE_BROKEN' });
  const behind = lane.decode(order(0), 100);
  await Promise.all([held, fallen]);
  t.match(await behind, { width: 1, height: 1 });
});

t.test('few may wait, and closing ends their waiting', async (t) => {
  const lane = createHeicLane({ entry: stuck, timeoutMs: 20_000, maxWaiting: 1 });
  const both = [lane.decode(order(1), 100), lane.decode(order(0), 100)].map((waiting) => t.rejects(waiting, { code: 'UNAVAILABLE' }));
  await t.rejects(lane.decode(order(0), 100), { code: 'UNAVAILABLE' });
  await lane.close();
  await Promise.all(both);
});

t.test('the real thread says what is no picture, and goes on', async (t) => {
  const lane = createHeicLane();
  t.teardown(() => lane.close());
  await t.rejects(lane.decode(Uint8Array.from(Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')), 100), { code: 'IMAGE_BROKEN' });
  await t.rejects(lane.decode(new Uint8Array(20), 100), { code: 'IMAGE_BROKEN' });
});

t.test('a decoder gets so much memory and no more', (t) => {
  const memory = new Memory({ initial: 1, maximum: 100 });
  boundMemory(4 * 65_536);
  t.equal(memory.grow(2), 1);
  t.throws(() => memory.grow(2), RangeError);
  t.equal(memory.grow(1), 3, 'up to the bound');
  t.equal(memory.buffer.byteLength, 4 * 65_536);
  t.end();
});

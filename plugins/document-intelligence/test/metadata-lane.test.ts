import t from 'tap';
import { createMetadataLane } from '../services/metadata-lane.ts';

const stuck = new URL('stuck-worker.ts', import.meta.url);
const order = (what: number) => Uint8Array.of(what);

t.test('a file that holds the thread up costs itself its metadata, and nobody else', async (test) => {
  const lane = createMetadataLane({ entry: stuck, timeoutMs: 2000 });
  test.teardown(() => lane.close());
  const held = test.rejects(lane.readTags(null, order(1)), { code: 'UNREADABLE_METADATA' });
  const behind = lane.readTags(null, null);
  await held;
  test.ok(await behind, 'the request behind it is answered by a new thread');
});

t.test('a file that eats the heap of the thread leaves the process alone', async (test) => {
  const lane = createMetadataLane({ entry: stuck, timeoutMs: 20_000, maxHeapMb: 32 });
  test.teardown(() => lane.close());
  await test.rejects(lane.readTags(null, order(2)), { code: 'UNREADABLE_METADATA' });
  test.ok(await lane.readTags(null, null));
});

t.test('a crash of the thread is that request’s error', async (test) => {
  const lane = createMetadataLane({ entry: stuck });
  test.teardown(() => lane.close());
  await test.rejects(lane.readTags(null, order(3)), { code: 'UNREADABLE_METADATA' });
  test.ok(await lane.readTags(null, null));
});

t.test('the queue is bounded', async (test) => {
  const lane = createMetadataLane({ entry: stuck, maxWaiting: 1 });
  test.teardown(() => lane.close());
  const first = lane.readTags(null, null);
  const second = lane.readTags(null, null);
  await test.rejects(lane.readTags(null, null), { code: 'UNAVAILABLE' });
  test.ok(await first);
  test.ok(await second);
});

t.test('closing ends what waits', async (test) => {
  const lane = createMetadataLane({ entry: stuck, timeoutMs: 20_000 });
  const held = test.rejects(lane.readTags(null, order(1)), { code: 'UNAVAILABLE' });
  const behind = test.rejects(lane.readTags(null, null), { code: 'UNAVAILABLE' });
  await lane.close();
  await Promise.all([held, behind]);
});

t.test('an idle thread is ended, and started again when needed', async (test) => {
  const lane = createMetadataLane({ entry: stuck, idleMs: 1 });
  test.teardown(() => lane.close());
  test.ok(await lane.readTags(null, null));
  test.ok(await lane.readTags(null, null));
});

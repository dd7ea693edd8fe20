import t from 'tap';
import { createLane, type LaneOptions } from './lane.ts';
import { createThreadSeat } from './thread-seat.ts';

type Order = 'loop' | 'print' | 'hoard' | 'crash' | 'throw' | 'answer';
const entry = new URL('../test/stuck-thread.ts', import.meta.url);
const laneOf = (options: Partial<LaneOptions<Order, string>> & { maxHeapMb?: number } = {}) => {
  const { maxHeapMb = 64, ...rest } = options;
  return createLane<Order, string>({ start: () => createThreadSeat({ entry, maxHeapMb }), timeoutMs: 20_000, ...rest });
};

t.test('a file that holds a seat up costs itself its answer, and nobody else', async (test) => {
  const lane = laneOf();
  test.teardown(() => lane.close());
  test.equal(await lane.ask('answer'), 'answer');
  const held = test.rejects(lane.ask('loop', 200), { code: 'LANE_FAILED', details: { reason: 'time' } });
  const behind = lane.ask('answer');
  await held;
  test.equal(await behind, 'answer', 'the request behind it is answered by a new seat');
});

t.test('a file that eats the heap leaves the process alone', async (test) => {
  const lane = laneOf({ maxHeapMb: 24 });
  test.teardown(() => lane.close());
  await test.rejects(lane.ask('hoard'), { code: 'LANE_FAILED', details: { reason: 'memory' } });
  test.equal(await lane.ask('answer'), 'answer');
});

t.test('a crash is that request’s error, and so is a throw, after which the seat goes on', async (test) => {
  const lane = laneOf();
  test.teardown(() => lane.close());
  await test.rejects(lane.ask('crash'), { code: 'LANE_FAILED', details: { reason: 'crash' } });
  await test.rejects(lane.ask('throw'), { code: 'LANE_FAILED', details: { reason: 'failed' } });
  test.equal(await lane.ask('answer'), 'answer');
});

t.test('what a parser prints about a file stays out of the log', async (test) => {
  const lane = laneOf();
  test.teardown(() => lane.close());
  const printed: string[] = [];
  const { write } = process.stderr;
  test.teardown(() => void (process.stderr.write = write));
  process.stderr.write = ((text: string) => printed.push(String(text)) > 0) as typeof write;
  test.equal(await lane.ask('print'), 'print');
  test.equal(await lane.ask('answer'), 'answer');
  test.same(printed, []);
});

t.test('the queue is bounded in number and in time', async (test) => {
  const lane = laneOf({ maxWaiting: 1, waitMs: 100 });
  const held = test.rejects(lane.ask('loop'), { code: 'UNAVAILABLE' });
  const second = test.rejects(lane.ask('answer'), { code: 'UNAVAILABLE', message: /waited too long/ });
  await test.rejects(lane.ask('answer'), { code: 'UNAVAILABLE', message: /Too many/ });
  await second;
  const third = test.rejects(lane.ask('answer'), { code: 'UNAVAILABLE' });
  await lane.close();
  await Promise.all([held, third]);
  test.equal(await lane.ask('answer'), 'answer', 'and it opens again');
  await lane.close();
});

t.test('as many at once as there are seats, and an idle seat is ended and started again', async (test) => {
  let started = 0;
  const lane = laneOf({ seats: 2, idleMs: 1, start: () => ((started += 1), createThreadSeat<Order, string>({ entry, maxHeapMb: 64 })) });
  test.teardown(() => lane.close());
  const held = test.rejects(lane.ask('loop', 1000), { code: 'LANE_FAILED' });
  test.equal(await lane.ask('answer'), 'answer', 'beside one that is stuck');
  await held;
  await lane.ask('answer');
  test.ok(started >= 3);
});

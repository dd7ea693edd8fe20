import t from 'tap';
import { createLane } from './lane.ts';
import { createProcessSeat } from './process-seat.ts';

type Order = 'loop' | 'hoard' | 'buffers' | 'crash' | 'throw' | 'write' | 'answer';
const entry = new URL('../test/stuck-process.ts', import.meta.url);
const lane = createLane<Order, string>({ start: () => createProcessSeat({ entry, maxHeapMb: 40, maxResidentBytes: 400_000_000 }), timeoutMs: 20_000 });
t.teardown(() => lane.close());

t.test('a process that is held up, full or gone costs its request, and nobody else', async (test) => {
  await test.rejects(lane.ask('loop', 1000), { code: 'LANE_FAILED', details: { reason: 'time' } });
  test.equal(await lane.ask('answer'), 'answer');
  await test.rejects(lane.ask('buffers'), { code: 'LANE_FAILED', details: { reason: 'memory' } }, 'buffers that count towards no heap');
  await test.rejects(lane.ask('hoard'), { code: 'LANE_FAILED', details: { reason: 'memory' } });
  await test.rejects(lane.ask('crash'), { code: 'LANE_FAILED', details: { reason: 'crash' } });
  await test.rejects(lane.ask('throw'), { code: 'LANE_FAILED', details: { reason: 'failed' } });
  test.equal(await lane.ask('answer'), 'answer');
});

t.test('it writes no files, starts no programs and has no environment', async (test) => {
  test.equal(await lane.ask('write'), 'ERR_ACCESS_DENIED ERR_ACCESS_DENIED ERR_ACCESS_DENIED 0');
});

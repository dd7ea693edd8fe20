import t from 'tap';
import type { PluginStore } from '../database/index.ts';
import { openLane, storeInLane } from './store-lanes.ts';

const scope = { tenantId: '0199a000-0000-7000-8000-00000000000a', timeoutMs: 1000 };

t.test('who waits too long is told so, and keeps no place', async (t) => {
  const lane = openLane(1);
  const leave = await lane.enter(1000);
  await t.rejects(lane.enter(5), { code: 'DEADLINE_EXCEEDED' });
  leave();
  leave();
  const again = await lane.enter(5);
  await t.rejects(lane.enter(5), { code: 'DEADLINE_EXCEEDED' }, 'leaving twice opens no second place');
  again();
});

t.test('places are given in order', async (t) => {
  const lane = openLane(1);
  const order: number[] = [];
  const first = await lane.enter(1000);
  const others = [1, 2, 3].map(async (number) => {
    const leave = await lane.enter(1000);
    order.push(number);
    leave();
  });
  first();
  await Promise.all(others);
  t.strictSame(order, [1, 2, 3]);
});

t.test('a transaction holds its place to its end, whatever the end', async (t) => {
  let ended = 0;
  const end = async (): Promise<void> => void ended++;
  const transaction = { run: async () => null, sql: async () => [], host: async () => undefined as never, commit: () => Promise.reject(new Error('the server has gone')), rollback: end };
  const store: PluginStore = { run: async () => 1, sql: async () => [], begin: async () => transaction };
  const narrow = storeInLane(store, openLane(1));
  for (const finish of ['commit', 'rollback'] as const) {
    const open = await narrow.begin(scope);
    await t.rejects(narrow.run({ ...scope, timeoutMs: 5 }, { op: 'count', collection: 'c', args: [{}] }), { code: 'DEADLINE_EXCEEDED' });
    await open[finish]().catch(() => undefined);
    t.equal(await narrow.run(scope, { op: 'count', collection: 'c', args: [{}] }), 1);
  }
  t.equal(ended, 1);
  const failing = storeInLane({ ...store, begin: () => Promise.reject(new Error('no connection')) }, openLane(1));
  for (let i = 0; i < 3; i++) await t.rejects(failing.begin(scope), /no connection/);
});

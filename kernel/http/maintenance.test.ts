import t from 'tap';
import { quietLog, testDatabase } from '../../test/support/database.ts';
import type { OutgoingMessage } from '../events/contract.ts';
import { openMaintenance, retryAfterSeconds } from './maintenance.ts';
import { until } from './testing/start.ts';

/** Two nodes: what one raises, both hear. */
function fakeSignals() {
  const listeners = new Set<() => void>();
  return {
    raise: async () => {
      for (const listener of listeners) setImmediate(listener);
    },
    on: (_topic: string, listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

t.test('maintenance mode is stored, spread and announced', async (test) => {
  const database = await testDatabase(test);
  const signals = fakeSignals();
  const messages: OutgoingMessage[] = [];
  let broken = true;
  const events = {
    publish: async (message: OutgoingMessage) => {
      if (broken) throw new Error('the outbox is full');
      messages.push(message);
    },
    wake: () => undefined,
  };
  const open = () => openMaintenance({ database, events, signals, log: quietLog as never });
  const [here, there] = [await open(), await open()];
  const on = { on: true, message: 'Back at noon.', until: '2026-11-22T12:00:00Z' };
  test.same(here.current(), { on: false, message: null, until: null });
  await test.rejects(here.set(on));
  test.equal(here.current().on, false, 'all of it or nothing');
  test.equal((await open()).current().on, false);
  broken = false;
  await here.set(on);
  test.same(here.current(), on);
  await until(() => there.current().on, 'the other node');
  test.same(messages, [{ tenantId: null, to: { deployment: true }, event: 'system:maintenance', data: on }]);
  test.same((await open()).current(), on, 'a node that boots later knows');
  there.close();
  await here.set({ on: false, message: null, until: null });
  test.equal(there.current().on, true, 'a closed one listens no more');
});

t.test('when to come back', async (test) => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const at = (end: string | null) => retryAfterSeconds({ on: true, message: null, until: end }, now);
  test.strictSame([at(null), at('2026-11-22T12:01:30Z'), at('2026-11-22T11:00:00Z'), at('nonsense'), at('2027-11-22T12:00:00Z')], [60, 90, 60, 60, 86_400]);
});

import t from 'tap';
import { createByteBudget } from './byte-budget.ts';

t.test('too many waiters are refused', async (test) => {
  const budget = createByteBudget({ totalBytes: 10, maxWaiting: 1, waitMs: 60_000 });
  const gate = Promise.withResolvers<void>();
  const first = budget.hold(10, () => gate.promise);
  const second = budget.hold(1, async () => 'second');
  await test.rejects(budget.hold(1, async () => undefined), { code: 'UNAVAILABLE' });
  gate.resolve();
  await first;
  test.equal(await second, 'second');
});

t.test('a wait has an end, and those behind it move up', async (test) => {
  const budget = createByteBudget({ totalBytes: 10, maxWaiting: 5, waitMs: 30 });
  const gate = Promise.withResolvers<void>();
  const first = budget.hold(8, () => gate.promise);
  const large = test.rejects(budget.hold(9, async () => undefined), { code: 'UNAVAILABLE' });
  const small = budget.hold(2, async () => 'small');
  await large;
  test.equal(await small, 'small', 'fits beside the first, once the large one has given up');
  gate.resolve();
  await first;
});

t.test('never holds more than its total, whatever the order and failures', async (test) => {
  const budget = createByteBudget({ totalBytes: 100, maxWaiting: 100, waitMs: 60_000 });
  let held = 0;
  let most = 0;
  const sizes = [60, 70, 10, 500, 30, 40, 100, 1, 20];
  await Promise.allSettled(
    sizes.map((bytes, at) =>
      budget.hold(bytes, async () => {
        held += Math.min(bytes, 100);
        most = Math.max(most, held);
        await new Promise(setImmediate);
        held -= Math.min(bytes, 100);
        if (at % 3 === 0) throw new Error('work failed');
      }),
    ),
  );
  test.equal(held, 0);
  test.ok(most <= 100, `held ${most} at most`);
  test.equal(await budget.hold(100, async () => 'all of it'), 'all of it', 'and everything is given back');
});

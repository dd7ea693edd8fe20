import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { job, openNode, provenance, runsJobs, settled, tenantA, tenantB, until } from '../../test/support/messaging.ts';
import { createFairness, type Fairness } from './fairness.ts';

/** A queue as pg-boss keeps it: highest priority first, then the oldest. */
function createQueue(fairness: Fairness): { send(tenant: string, jobs: number): void; fetch(size: number): string[]; length(): number } {
  let waiting: { tenant: string; tag: number; at: number }[] = [];
  let at = 0;
  return {
    send(tenant, jobs) {
      for (let n = 0; n < jobs; n += 1) waiting.push({ tenant, tag: fairness.priorityOf('q', tenant), at: (at += 1) });
    },
    fetch(size) {
      waiting.sort((a, b) => b.tag - a.tag || a.at - b.at);
      const batch = waiting.slice(0, size);
      waiting = waiting.slice(size);
      fairness.served('q', batch.map(({ tag }) => tag), batch.length < size);
      return batch.map(({ tenant }) => tenant);
    },
    length: () => waiting.length,
  };
}

t.test('a single job waits for a round at the most, however long the backlog and however late it comes', async (t) => {
  for (const served of [0, 1_000, 9_000]) {
    const queue = createQueue(createFairness());
    queue.send('big', 10_000);
    for (let n = 0; n < served; n += 100) queue.fetch(100);
    queue.send('small', 1);
    t.ok(queue.fetch(100).includes('small'), `after ${served}`);
  }
});

t.test('it does not matter how fast service is against the clock', async (t) => {
  for (const secondsPerBatch of [0, 3_600]) {
    let seconds = Date.UTC(2026, 10, 22) / 1_000;
    const queue = createQueue(createFairness({ now: () => seconds * 1_000 }));
    queue.send('big', 10_000);
    for (let n = 0; n < 20; n += 1) {
      queue.fetch(100);
      seconds += secondsPerBatch;
    }
    queue.send('small', 1);
    t.ok(queue.fetch(100).includes('small'));
  }
});

t.test('tenants with backlogs share evenly, and a past backlog is no debt', async (t) => {
  const queue = createQueue(createFairness());
  queue.send('a', 5_000);
  for (let n = 0; n < 20; n += 1) queue.fetch(100);
  queue.send('b', 5_000);
  const next = Array.from({ length: 10 }, () => queue.fetch(100)).flat();
  const share = next.filter((tenant) => tenant === 'b').length;
  t.ok(share > 400 && share < 620, `b got ${share} of 1,000`);
  while (queue.length() > 0) queue.fetch(100);
  queue.fetch(100);
  queue.send('b', 100);
  queue.send('a', 1);
  t.ok(queue.fetch(20).includes('a'));
});

t.test('nobody starves: the backlog of one is served while others keep sending', async (t) => {
  const queue = createQueue(createFairness());
  queue.send('big', 1_000);
  let served = 0;
  for (let round = 0; round < 400 && served < 1_000; round += 1) {
    // as much as is served comes in, each time from another tenant
    for (let n = 0; n < 9; n += 1) queue.send(`guest-${(round * 9 + n) % 50}`, 10);
    served += queue.fetch(100).filter((tenant) => tenant === 'big').length;
  }
  t.equal(served, 1_000);
});

t.test('memory and priorities stay within bounds', async (t) => {
  const fairness = createFairness();
  for (let n = 0; n < 50_000; n += 1) fairness.priorityOf('q', `tenant-${n}`);
  let last = 0;
  for (let n = 0; n < 100_000; n += 1) last = fairness.priorityOf('q', 'one');
  t.ok(last > -2_147_483_648 && last < 2_147_483_647);
  t.ok(Number.isInteger(last));
});

t.test('in the database: one job of another tenant among 10,000 waits for about a batch', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const order: string[] = [];
  const sentAt = 2_000;
  await node.jobs.start(runsJobs(({ provenance: { tenantId } }) => {
    order.push(tenantId);
    if (order.length === sentAt) void node.jobs.send(job({}, { provenance: provenance(tenantB) }));
  }));
  for (let n = 0; n < 10; n += 1) await node.jobs.sendMany(Array.from({ length: 1_000 }, () => job()));
  await until(() => order.length >= 10_001, 60_000);
  await settled(node);
  t.equal(order.length, 10_001, 'each once');
  const after = order.indexOf(tenantB) - sentAt;
  t.ok(after <= 300, `${after} jobs of the other tenant ran between sending and running`);
  t.same(new Set(order), new Set([tenantA, tenantB]));
});

t.test('long jobs of one tenant leave slots for another', async (t) => {
  const node = await openNode(t, await testDatabase(t), { concurrency: { bulk: 8 }, pollMs: 100 });
  const running: string[] = [];
  await node.jobs.start(runsJobs(({ provenance: { tenantId }, signal }) => new Promise((resolve) => {
    running.push(tenantId);
    if (tenantId === tenantB) resolve(null);
    signal.addEventListener('abort', () => resolve(null));
  })));
  const long = { timeoutMs: 600_000 };
  await node.jobs.sendMany(Array.from({ length: 30 }, () => job({}, long)));
  await until(() => running.length >= 6);
  const sentAt = Date.now();
  await node.jobs.send(job({}, { ...long, provenance: provenance(tenantB) }));
  await until(() => running.includes(tenantB));
  t.ok(Date.now() - sentAt < 2_000, `${Date.now() - sentAt} ms`);
  t.ok(running.filter((tenantId) => tenantId === tenantA).length <= 8);
});

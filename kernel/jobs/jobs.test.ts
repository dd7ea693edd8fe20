import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { job, openNode, provenance, runsJobs, settled, tenantA, tenantB, until } from '../../test/support/messaging.ts';
import type { RunningJob } from './contract.ts';

const keyed = (n: number, change = {}) => job({ n }, { options: { singletonKey: 'daily' }, ...change });
const nowhere = '0199a000-0000-7000-8000-0000000000ff';

t.test('another tenant or plugin neither sees nor cancels a job', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const id = await node.jobs.send(job());
  for (const [tenantId, pluginId, jobId] of [[tenantB, 'worker', id], [tenantA, 'other', id], [tenantA, 'worker', nowhere], [tenantA, 'worker', 'no uuid']] as const) {
    t.equal(await node.jobs.status(tenantId, pluginId, jobId), null);
    t.equal(await node.jobs.cancel(tenantId, pluginId, jobId), false);
  }
  t.match(await node.jobs.status(tenantA, 'worker', id), { id, name: 'work', state: 'queued', progress: 0, attempt: 0, result: null, error: null });
});

t.test('a rolled-back transaction sends nothing; a committed one does, and at once', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database, { pollMs: 60_000 });
  const ran: RunningJob[] = [];
  await node.jobs.start(runsJobs((running) => void ran.push(running)));
  let lost = '';
  await t.rejects(database.tenant(tenantA, async (em) => {
    lost = await node.jobs.send(job({ n: 1 }), em);
    throw new Error('no');
  }));
  const kept = await database.tenant(tenantA, (em) => node.jobs.send(job({ n: 2 }), em));
  await until(() => ran.length > 0);
  await settled(node);
  t.same(ran.map(({ id, data }) => [id, data]), [[kept, { n: 2 }]]);
  t.equal(await node.jobs.status(tenantA, 'worker', lost), null);
});

t.test('the serving login has rows of pg-boss, not its tables', async (t) => {
  const database = await testDatabase(t);
  await openNode(t, database);
  for (const sql of ['drop table pgboss.job_common', 'create table pgboss.mine (id int)', 'alter table pgboss.queue add column mine int', 'truncate pgboss.job'])
    await t.rejects(database.system((em) => em.execute(sql)), /permission denied|must be owner/, sql);
});

t.test('a job runs with what it was sent with, and its result is kept', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const from = provenance(tenantA, { traceId: 'abc', hop: 2, chain: ['x'], bounds: ['jobs'] });
  let seen: RunningJob | undefined;
  await node.jobs.start(runsJobs((running) => ((seen = running), { answer: 42 })));
  const id = await node.jobs.send(job({ n: 1 }, { provenance: from }));
  await until(async () => (await node.jobs.status(tenantA, 'worker', id))?.state === 'completed');
  t.match(seen, { id, pluginId: 'worker', name: 'work', data: { n: 1 }, provenance: from, attempt: 1 });
  t.match(await node.jobs.status(tenantA, 'worker', id), { state: 'completed', progress: 1, attempt: 1, result: { answer: 42 }, error: null });
});

t.test('a failing job is tried again, then is a dead letter with its error, then redriven', async (t) => {
  const node = await openNode(t, await testDatabase(t), { pollMs: 50 });
  const attempts: number[] = [];
  let broken = true;
  await node.jobs.start(
    runsJobs(({ attempt }) => {
      attempts.push(attempt);
      if (broken) throw Object.assign(new Error('no such thing'), { code: 'NOT_FOUND', kind: 'not-found' });
    }),
  );
  const id = await node.jobs.send(job({}, { retryLimit: 2 }));
  await until(async () => (await node.jobs.deadLetters(null, 10)).length === 1);
  t.same(attempts, [1, 2, 3]);
  t.match(await node.jobs.status(tenantA, 'worker', id), { state: 'failed', attempt: 3, error: { code: 'NOT_FOUND', message: 'no such thing' } });
  const [letter] = await node.jobs.deadLetters(tenantA, 10);
  t.match(letter, { pluginId: 'worker', name: 'work', error: 'NOT_FOUND: no such thing' });
  t.same(await node.jobs.deadLetters(tenantB, 10), []);
  broken = false;
  t.equal(await node.jobs.redrive(letter?.id ?? ''), true);
  await until(() => attempts.length === 4);
  await settled(node);
  t.same(await node.jobs.deadLetters(null, 10), []);
  t.equal(await node.jobs.redrive(letter?.id ?? ''), false, 'once');
});

t.test('what a plugin throws by accident is not told to others', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  await node.jobs.start(runsJobs(() => { throw new Error('password=hunter2'); }));
  const id = await node.jobs.send(job());
  await until(async () => (await node.jobs.status(tenantA, 'worker', id))?.state === 'failed');
  t.match((await node.jobs.status(tenantA, 'worker', id))?.error, { code: 'INTERNAL_SERVER_ERROR' });
  t.notMatch(JSON.stringify(await node.jobs.deadLetters(null, 1)), /hunter2/);
});

t.test('above the hop limit a job never runs', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  let ran = 0;
  await node.jobs.start(runsJobs(() => void (ran += 1)));
  await node.jobs.send(job({}, { provenance: provenance(tenantA, { hop: 17, chain: ['worker', 'other', 'worker'] }) }));
  t.match(await node.jobs.deadLetters(tenantA, 10), [{ pluginId: 'worker', error: /HOP_LIMIT.*worker → other → worker/ }]);
  await node.jobs.send(job());
  await until(() => ran === 1);
});

t.test('a job that takes too long is aborted and fails', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  let aborted = false;
  await node.jobs.start(
    runsJobs(({ signal, data }) => new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        if (data['polite'] === true) resolve(null);
      });
    })),
  );
  for (const polite of [true, false]) {
    aborted = false;
    const id = await node.jobs.send(job({ polite }, { timeoutMs: 50 }));
    await until(async () => ['failed', 'completed'].includes((await node.jobs.status(tenantA, 'worker', id))?.state ?? ''));
    t.equal(aborted, true);
    if (!polite) t.match(await node.jobs.status(tenantA, 'worker', id), { state: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
  }
});

t.test('of one singleton key one job waits at a time, per tenant and job', async (t) => {
  const database = await testDatabase(t);
  const node = await openNode(t, database);
  const first = await node.jobs.send(keyed(1));
  t.equal(await node.jobs.send(keyed(2)), first);
  t.equal(await database.tenant(tenantA, (em) => node.jobs.send(keyed(3), em)), first);
  t.same(await node.jobs.sendMany([keyed(4), keyed(5)]), [first, first]);
  t.not(await node.jobs.send(keyed(6, { name: 'other' })), first);
  t.not(await node.jobs.send(keyed(7, { provenance: provenance(tenantB) })), first);
  const ran: unknown[] = [];
  await node.jobs.start(runsJobs(({ data }) => void ran.push(data['n'])));
  await settled(node);
  t.same(ran.toSorted(), [1, 6, 7]);
  t.not(await node.jobs.send(keyed(8)), first, 'free again');
});

t.test('a job waits for its time', async (t) => {
  const node = await openNode(t, await testDatabase(t), { pollMs: 50 });
  const ran: unknown[] = [];
  await node.jobs.start(runsJobs(({ data }) => void ran.push(data['n'])));
  await t.rejects(node.jobs.send(job({}, { options: { startAfter: 'tomorrow' } })), { code: 'VALIDATION_ERROR' });
  await node.jobs.send(job({ n: 'later' }, { options: { startAfter: 3_600 } }));
  await node.jobs.send(job({ n: 'soon' }, { options: { startAfter: new Date(Date.now() + 300).toISOString() } }));
  await node.jobs.send(job({ n: 'now' }));
  await until(() => ran.length === 2);
  t.same(ran, ['now', 'soon']);
});

t.test('a waiting job is cancelled before it runs, a running one has its signal aborted, on any node', async (t) => {
  const database = await testDatabase(t);
  const [here, there] = [await openNode(t, database), await openNode(t, database)];
  const waiting = await here.jobs.send(job());
  t.equal(await here.jobs.cancel(tenantA, 'worker', waiting), true);
  t.equal(await here.jobs.cancel(tenantA, 'worker', waiting), false, 'once');
  let running = '';
  let reason: unknown;
  await there.jobs.start(
    runsJobs(({ id, signal }) => new Promise((_, reject) => {
      running = id;
      signal.addEventListener('abort', () => {
        reason = signal.reason;
        reject(new Error('aborted'));
      });
    })),
  );
  const id = await here.jobs.send(job({}, { retryLimit: 5 }));
  await until(() => running === id);
  t.equal(await here.jobs.cancel(tenantA, 'worker', id), true);
  await until(() => reason !== undefined);
  t.match(reason, { code: 'CANCELLED' });
  t.match(await here.jobs.status(tenantA, 'worker', id), { state: 'cancelled' });
  t.match(await here.jobs.status(tenantA, 'worker', waiting), { state: 'cancelled' });
  t.same(await here.jobs.deadLetters(null, 10), []);
});

t.test('progress is written a few times a second, and the last value always lands', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  let writes = 0;
  const query = node.pool.query;
  node.pool.query = (async (text: string, values?: readonly unknown[]) => {
    if (text.includes('kernel.job_progress as p')) writes += 1;
    return query(text, values);
  }) as typeof query;
  let release: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  await node.jobs.start(
    runsJobs(async ({ id }) => {
      for (let n = 0; n <= 1_000; n += 1) await node.jobs.progress(tenantA, 'worker', id, n / 2_000, `step ${n}`);
      await gate;
      await node.jobs.progress(tenantA, 'worker', id, 0.9, null);
      return { done: true };
    }),
  );
  const id = await node.jobs.send(job());
  await until(async () => (await node.jobs.status(tenantA, 'worker', id))?.note === 'step 1000');
  t.match(await node.jobs.status(tenantA, 'worker', id), { state: 'active', progress: 0.5 });
  t.ok(writes <= 2, `${writes} writes for 1,001 reports`);
  release?.();
  await until(async () => (await node.jobs.status(tenantA, 'worker', id))?.state === 'completed');
  t.match(await node.jobs.status(tenantA, 'worker', id), { progress: 1, note: 'step 1000', result: { done: true } });
  const [row] = await query<{ fraction: number }>('select fraction from kernel.job_progress where job_id = $1', [id]);
  t.equal(row?.fraction, 0.9);
});

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { delivers, event, job, openNode, runsJobs, settled, subscriber, tenantA, until } from '../../test/support/messaging.ts';

const claimMs = 1_500;
const program = fileURLToPath(new URL('../../test/support/job-node.ts', import.meta.url));

t.test('what a killed node was doing is done by another one soon, as the next try', async (t) => {
  const database = await testDatabase(t);
  const child = spawn(process.execPath, ['--no-node-snapshot', program, database.bootUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const said: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Record<string, unknown>));
  await until(() => said.some((line) => line['ready'] === true), 30_000);

  const node = await openNode(t, database, { claimMs, pollMs: 50 });
  const kept = await node.jobs.send(job({}, { retryLimit: 3, timeoutMs: 900_000 }));
  const lastTry = await node.jobs.send(job({ last: true }, { retryLimit: 0 }));
  const events = [await node.events.emit(event()), await node.events.emit(event())].map(({ id }) => id);
  await until(() => said.filter((line) => 'running' in line).length === 2 && said.filter((line) => 'delivering' in line).length === 2);
  t.ok(said.some((line) => line['running'] === kept && line['attempt'] === 1));

  child.kill('SIGKILL');
  const killedAt = Date.now();
  const ran: [string, number][] = [];
  const heard: string[] = [];
  await node.jobs.start(runsJobs(({ id, attempt }) => void ran.push([id, attempt])));
  await node.events.start(delivers((stored) => heard.push(stored.id), [subscriber({ retryLimit: 3 })]));
  await until(() => ran.length === 1 && heard.length >= 2, 15_000);
  const tookMs = Date.now() - killedAt;
  t.same(ran, [[kept, 2]]);
  t.same(heard.toSorted(), events.toSorted());
  t.ok(tookMs < 10_000, `${tookMs} ms`);
  await until(async () => (await node.jobs.deadLetters(null, 10)).length === 1);
  t.match(await node.jobs.deadLetters(null, 10), [{ name: 'work', error: /NODE_LOST/ }]);
  t.match(await node.jobs.status(tenantA, 'worker', lastTry), { state: 'failed', error: { code: 'NODE_LOST' } });
  await settled(node);
});

t.test('claims of what runs long are renewed, so no other node takes it over', async (t) => {
  const database = await testDatabase(t);
  const [one, two] = [await openNode(t, database, { claimMs: 500, pollMs: 50 }), await openNode(t, database, { claimMs: 500, pollMs: 50 })];
  const runs: string[] = [];
  let end: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => (end = resolve));
  const directory = runsJobs(async ({ id }) => {
    runs.push(id);
    await gate;
  });
  await one.jobs.start(directory);
  const id = await one.jobs.send(job({}, { retryLimit: 5 }));
  await until(() => runs.length === 1);
  await two.jobs.start(directory);
  const since = Date.now();
  await until(async () => {
    const [row] = await one.pool.query<{ renewed: boolean }>('select heartbeat_on > started_on + interval \'1500 milliseconds\' as renewed from pgboss.job where id = $1', [id]);
    return row?.renewed;
  });
  t.ok(Date.now() - since >= 1_000);
  end?.();
  await until(async () => (await one.jobs.status(tenantA, 'worker', id))?.state === 'completed');
  t.same(runs, [id]);
});

t.test('a stopping node finishes what it can and hands the rest back without using up a try', async (t) => {
  const database = await testDatabase(t);
  const [one, two] = [await openNode(t, database), await openNode(t, database, { pollMs: 60_000 })];
  const started: string[] = [];
  const aborted: unknown[] = [];
  await one.jobs.start(
    runsJobs(({ id, data, signal }) => new Promise((resolve, reject) => {
      started.push(id);
      signal.addEventListener('abort', () => {
        aborted.push(id);
        if (data['kind'] === 'polite') reject(new Error('stopped'));
      });
      if (data['kind'] === 'quick') setTimeout(() => resolve({ by: 'one' }), 50);
    })),
  );
  const send = (kind: string): Promise<string> => one.jobs.send(job({ kind }));
  const [quick, polite, deaf] = [await send('quick'), await send('polite'), await send('deaf')];
  await until(() => started.length === 3);
  const stoppedAt = Date.now();
  await one.jobs.stop(300);
  t.ok(Date.now() - stoppedAt < 2_000, 'within the deadline');
  t.same(aborted.toSorted(), [polite, deaf].toSorted());
  t.match(await two.jobs.status(tenantA, 'worker', quick), { state: 'completed', result: { by: 'one' } });
  const again: [string, number][] = [];
  await two.jobs.start(runsJobs(({ id, attempt }) => void again.push([id, attempt])));
  await until(() => again.length === 2);
  t.same(again.toSorted(), [[polite, 1], [deaf, 1]].toSorted());
  await settled(two);
  t.same(await two.jobs.deadLetters(null, 10), []);
});

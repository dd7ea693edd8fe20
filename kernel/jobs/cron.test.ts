import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { job, openNode, provenance, runsJobs, silent, tenantA, tenantB, until } from '../../test/support/messaging.ts';
import type { CronEntry, JobDirectory } from './contract.ts';
import { startCron } from './cron.ts';

const entry = (change: Partial<CronEntry> = {}): CronEntry => ({ tenantId: tenantA, pluginId: 'worker', name: 'nightly', cron: '0 3 * * *', timeZone: 'Europe/Berlin', ...change });
const withCron = (ran: string[], entries: () => readonly CronEntry[]): JobDirectory =>
  runsJobs(({ name, provenance: { tenantId } }) => void ran.push(`${name}:${tenantId === tenantA ? 'a' : 'b'}`), {
    cronEntries: entries,
    cronJob: (due) => job({}, { name: due.name, pluginId: due.pluginId, provenance: provenance(due.tenantId) }),
  });

t.test('a due entry is sent once in the cluster, and a missed one once however long it was missed', async (t) => {
  const database = await testDatabase(t);
  const nodes = [await openNode(t, database), await openNode(t, database), await openNode(t, database)];
  const [one] = nodes;
  await one?.pool.query('insert into kernel.cron_due (tenant_id, plugin_id, name, cron, time_zone, next_at) values ($1, $2, $3, $4, $5, now() - interval \'3 days\')', [tenantA, 'worker', 'nightly', '0 3 * * *', 'Europe/Berlin']);
  const ran: string[] = [];
  await Promise.all(nodes.map((node) => node.jobs.start(withCron(ran, () => [entry(), entry({ tenantId: tenantB })]))));
  await until(() => ran.length > 0);
  await until(async () => Number((await one?.pool.query<{ n: string }>('select count(*) as n from kernel.cron_due where next_at > now()'))?.[0]?.n) === 2);
  t.same(ran, ['nightly:a']);
  const rows = await one?.pool.query<{ local: string }>(`select to_char(next_at at time zone 'Europe/Berlin', 'HH24:MI') as local from kernel.cron_due`);
  t.same(rows, [{ local: '03:00' }, { local: '03:00' }], 'in the time zone of the entry');
});

t.test('an entry runs at its time, again and again', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const ran: string[] = [];
  await node.jobs.start(withCron(ran, () => [entry({ name: 'each-second', cron: '* * * * * *', timeZone: 'UTC' })]));
  const since = Date.now();
  await until(() => ran.length >= 3);
  t.ok(Date.now() - since >= 1_900, 'not faster than the clock');
});

t.test('what comes due while the next look is being planned is not left for later', async (t) => {
  const { pool } = await openNode(t, await testDatabase(t));
  const sent: string[] = [];
  let late = true;
  const betweenLookAndPlan = async (): Promise<void> => {
    if (!late) return;
    late = false;
    await pool.query('update kernel.cron_due set next_at = clock_timestamp()');
  };
  const cron = startCron({
    pool: {
      ...pool,
      query: async (text, values) => {
        if (text.includes('min(next_at)')) await betweenLookAndPlan();
        return pool.query(text, values);
      },
    },
    directory: { cronEntries: () => [entry()], cronJob: () => job({}, { name: 'nightly' }) },
    log: silent,
    send: async (jobs) => void sent.push(...jobs.map(({ name }) => name)),
    sent: () => undefined,
  });
  t.teardown(() => cron.stop());
  // well before the 30 s after which it would look again anyway
  await until(() => sent.length > 0, 15_000);
  t.same(sent, ['nightly']);
});

t.test('many due rows that no plugin knows hide none behind them', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  await node.pool.query(`insert into kernel.cron_due (tenant_id, plugin_id, name, cron, time_zone, next_at) select gen_random_uuid(), 'elsewhere', 'x', '0 3 * * *', 'UTC', now() - interval '1 minute' from generate_series(1, 450)`);
  await node.pool.query('insert into kernel.cron_due (tenant_id, plugin_id, name, cron, time_zone, next_at) values ($1, $2, $3, $4, $5, now())', [tenantA, 'worker', 'nightly', '0 3 * * *', 'Europe/Berlin']);
  const ran: string[] = [];
  await node.jobs.start(withCron(ran, () => [entry()]));
  await until(() => ran.length > 0);
  t.same(ran, ['nightly:a']);
  const [left] = await node.pool.query<{ n: number }>(`select count(*)::int as n from kernel.cron_due where plugin_id = 'elsewhere'`);
  t.equal(left?.n, 450, 'another node may know them');
});

t.test('entries follow the plugins: new ones on the signal, changed ones at their new time, vanished ones never', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const ran: string[] = [];
  let entries: CronEntry[] = [entry({ name: 'gone' })];
  await node.jobs.start(withCron(ran, () => entries));
  const names = async (): Promise<string[]> => (await node.pool.query<{ at: string }>(`select name || ' ' || to_char(next_at at time zone 'UTC', 'MI') as at from kernel.cron_due order by 1`)).map(({ at }) => at);
  await until(async () => (await names()).length === 1);
  entries = [entry({ name: 'new', cron: '17 * * * *' })];
  await node.signals.raise('plugins');
  await until(async () => (await names()).includes('new 17'));
  // only now: before it had taken over, the node knew the entry and would have run it
  await node.pool.query(`update kernel.cron_due set next_at = now() - interval '1 hour' where name = 'gone'`);
  await node.signals.raise('plugins');
  await until(async () => (await names()).join() === 'new 17');
  entries = [entry({ name: 'new', cron: '43 * * * *' })];
  await node.signals.raise('plugins');
  await until(async () => (await names()).join() === 'new 43');
  t.same(ran, []);
});

t.test('an entry that makes no sense harms no other', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  const ran: string[] = [];
  await node.jobs.start(withCron(ran, () => [entry({ name: 'bad', cron: 'every now and then' }), entry({ name: 'nowhere', timeZone: 'Mars/Olympus' }), entry({ name: 'good', cron: '* * * * * *' })]));
  await until(() => ran.includes('good:a'));
});

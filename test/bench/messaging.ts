import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Messaging } from '../../kernel/events/open-messaging.ts';
import type { Database } from '../../kernel/database/index.ts';
import { testDatabase } from '../support/database.ts';
import { delivers, event, job, openNode, provenance, runsJobs, until } from '../support/messaging.ts';
import { enter, listen, token } from '../support/sockets.ts';
import { type BenchRow, median, oursAtLeast, oursAtMost, quantile, withTeardown } from './support.ts';

const samples = 300;
const rounds = 5;
const jobsPerRound = 5_000;
const sendBatch = 1_000;
const tenants = Array.from({ length: 20 }, (_, n) => `0199a000-0000-7000-8000-0000000000${String(n + 10)}`);

/** Something that is asked for here and happens there. */
interface Path {
  /** Starts it; what happens calls the function given to {@link latencyRows} as `arrived`. */
  go(n: number): Promise<unknown>;
}

let arrived: ((at: number) => void) | undefined;
const mark = (): void => arrived?.(performance.now());

async function latencyMs({ go }: Path, n: number): Promise<number> {
  const happened = new Promise<number>((resolve) => (arrived = resolve));
  const start = performance.now();
  await go(n);
  const at = await happened;
  // nothing else goes on: the next one starts from rest
  await delay(3);
  return at - start;
}

async function latencyRows(name: string, ours: Path, baseline: Path, targetMs: { p50: number; p99: number }): Promise<BenchRow[]> {
  const [our, base]: [number[], number[]] = [[], []];
  for (let n = 0; n < 20; n += 1) await latencyMs(n % 2 ? ours : baseline, n);
  for (let n = 0; n < samples; n += 1) {
    our.push(await latencyMs(ours, n));
    base.push(await latencyMs(baseline, n));
  }
  return (['p50', 'p99'] as const).map((label) => {
    const q = label === 'p50' ? 0.5 : 0.99;
    return { name: `${name} ${label}`, unit: 'ms', ours: quantile(our, q), baseline: quantile(base, q), ratio: quantile(our, q) / quantile(base, q), target: oursAtMost(targetMs[label]) };
  });
}

/** pg-boss alone, woken by its own LISTEN/NOTIFY. */
async function bareBoss(database: Database): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: database.bootUrl, schema: 'bare', useListenNotify: true, supervise: false, schedule: false, max: 8 });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue('single', { notify: true });
  await boss.createQueue('bulk');
  await boss.work('single', { batchSize: 1, notifyPollingIntervalSeconds: 30 }, async () => mark());
  return boss;
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (jobsPerRound / (performance.now() - start)) * 1_000;
}

/** Asks the indexes of what waits and what runs, so that looking costs little however many jobs are kept. */
async function drained({ pool }: Messaging): Promise<boolean> {
  const [row] = await pool.query<{ busy: boolean }>(`select
    exists (select from pgboss.job_common where name = 'interactive' and state < 'active' and not blocked)
    or exists (select from pgboss.job_common where name = 'interactive' and state = 'active' and group_id is not null) as busy`);
  return row?.busy === false;
}

async function throughputRows(node: Messaging, boss: PgBoss, counter: { ran: number }): Promise<BenchRow[]> {
  const rates = { oursSent: [] as number[], ours: [] as number[], bareSent: [] as number[], bare: [] as number[] };
  const batches = Array.from({ length: jobsPerRound / sendBatch }, (_, n) => n);
  for (let round = 0; round <= rounds; round += 1) {
    counter.ran = 0;
    let sent = 0;
    const ours = await perSecond(async () => {
      sent = await perSecond(async () => {
        for (const batch of batches) await node.jobs.sendMany(Array.from({ length: sendBatch }, (_, n) => job({ n }, { name: 'many', provenance: provenance(tenants[(batch + n) % tenants.length]) })));
      });
      await until(() => counter.ran >= jobsPerRound, 60_000);
      await until(() => drained(node));
    });
    const data = { pluginId: 'worker', name: 'many', data: { n: 1 }, provenance: provenance(), timeoutMs: 10_000, tag: 0 };
    let bareSent = 0;
    const bare = await perSecond(async () => {
      bareSent = await perSecond(async () => {
        for (const _ of batches) await boss.insert('bulk', Array.from({ length: sendBatch }, () => ({ data })));
      });
      await boss.getDb().executeSql('analyze bare.job_common');
      const loop = async (): Promise<void> => {
        for (let jobs = await boss.fetch('bulk', { batchSize: 100 }); jobs.length > 0; jobs = await boss.fetch('bulk', { batchSize: 100 })) await boss.complete('bulk', jobs);
      };
      await Promise.all([loop(), loop()]);
    });
    // the first round warms up
    if (round === 0) continue;
    rates.oursSent.push(sent);
    rates.ours.push(ours);
    rates.bareSent.push(bareSent);
    rates.bare.push(bare);
  }
  const row = (name: string, our: readonly number[], base: readonly number[], target: number): BenchRow => ({ name, unit: '1/s', ours: median(our), baseline: median(base), ratio: median(our) / median(base), target: oursAtLeast(target) });
  return [
    row('jobs sent, in batches while others run, vs bare pg-boss insert', rates.oursSent, rates.bareSent, 5_000),
    row('jobs sent and completed, 20 tenants, fairness and progress on, vs bare pg-boss', rates.ours, rates.bare, 5_000),
  ];
}

async function idleRow(database: Database): Promise<BenchRow> {
  const client = new Client({ connectionString: database.bootUrl });
  await client.connect();
  const count = async (): Promise<number> => {
    const { rows } = await client.query<{ n: string }>('select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()');
    return Number(rows[0]?.n);
  };
  await delay(3_000);
  const before = await count();
  const seconds = 8;
  await delay(seconds * 1_000);
  const ours = ((await count()) - before) / seconds;
  await client.end();
  return { name: 'idle transactions of a node, vs 400 idle pg-boss workers', unit: '1/s', ours, baseline: 351, ratio: ours / 351, target: oursAtMost(10) };
}

/** Latency from rest, throughput in batches, and the cost of doing nothing; each against the bare thing in turns. */
export async function benchMessaging(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const database = await testDatabase(t);
    const [here, there] = [await openNode(t, database), await openNode(t, database)];
    const counter = { ran: 0 };
    const directory = runsJobs(async ({ id, name, provenance: { tenantId } }) => {
      if (name === 'many') {
        counter.ran += 1;
        await here.jobs.progress(tenantId, 'worker', id, 0.5, null);
      } else mark();
    });
    await here.jobs.start(directory);
    await here.events.start(delivers(() => mark()));
    const idle = await idleRow(database);

    const boss = await bareBoss(database);
    t.teardown(() => boss.stop({ graceful: false }));
    const bareSend: Path = { go: (n) => boss.send('single', { n }) };
    const toSubscriber = await latencyRows('event emit to durable subscriber, vs bare pg-boss send to work', { go: (n) => here.events.emit(event({ n })) }, bareSend, { p50: 10, p99: 50 });
    const toJob = await latencyRows('job sent to started, vs bare pg-boss', { go: (n) => here.jobs.send(job({ n })) }, bareSend, { p50: 5, p99: 20 });

    const { url } = await listen(t, there);
    const client = await enter(t, url, token('anna', provenance().tenantId));
    client.socket.on('message', () => mark());
    const hearing = new Client({ connectionString: database.bootUrl });
    await hearing.connect();
    t.teardown(() => hearing.end());
    await hearing.query('listen bare');
    await hearing.query('create table bare.log (id bigserial primary key, data jsonb)');
    hearing.on('notification', mark);
    const notify: Path = { go: (n) => database.system((em) => em.execute(`select pg_notify('bare', ?)`, [String(n)])) };
    const toSocket = await latencyRows('event emit to socket on another node, vs bare NOTIFY', { go: (n) => here.events.publish({ tenantId: provenance().tenantId, to: { tenant: true }, event: 'test:tick', data: { n } }) }, notify, { p50: 15, p99: 50 });

    return [...toSubscriber, ...toSocket, ...toJob, ...(await throughputRows(here, boss, counter)), idle];
  });
}

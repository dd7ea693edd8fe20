import type { PgBoss } from 'pg-boss';
import t from 'tap';
import { testDatabase } from '../../test/support/database.ts';
import { job, openNode, silent, until } from '../../test/support/messaging.ts';
import type { Envelope } from './envelope.ts';
import { createFairness } from './fairness.ts';
import { startRunner } from './runner.ts';

const queue = 'interactive';
const concurrency = 8;

/** A queue of `waiting` jobs in memory; notes how many the runner held whenever it asked. */
function queueOf(waiting: number): { boss: PgBoss; held: number[]; sizes: number[]; watch(running: () => number): void } {
  let next = 0;
  let running = (): number => 0;
  const [held, sizes]: [number[], number[]] = [[], []];
  const fetch = async (_queue: string, { batchSize = 1, ignoreGroups }: { batchSize?: number; ignoreGroups?: string[] }) => {
    if (ignoreGroups) return [];
    held.push(running());
    const size = Math.min(batchSize, waiting - next);
    sizes.push(size);
    return Array.from({ length: size }, () => ({ id: String((next += 1)), retryCount: 0, data: { tag: 0, timeoutMs: 10_000 } }));
  };
  return { boss: { fetch } as unknown as PgBoss, held, sizes, watch: (count) => void (running = count) };
}

t.test('no more is fetched while more outcomes wait to be written than there are slots', async (t) => {
  const source = queueOf(500);
  const unwritten: (() => void)[] = [];
  const ran: string[] = [];
  const runner = startRunner<Envelope>({
    boss: source.boss, queue, concurrency, log: silent,
    fairness: createFairness(),
    settler: { settle: () => new Promise((resolve) => void unwritten.push(resolve)) },
    tenantOf: () => 'one',
    run: async (_, { id }) => (ran.push(id), null),
    handBack: async () => undefined,
  });
  source.watch(runner.running);
  runner.wake();
  await until(() => {
    // written only once fetching must have stopped for it
    if (unwritten.length > concurrency || ran.length === 500) for (const done of unwritten.splice(0)) done();
    return ran.length === 500 && runner.running() === 0;
  });
  t.ok(Math.max(...source.held) <= concurrency, `held ${Math.max(...source.held)} when it asked for more`);
  t.ok(Math.max(...source.held) > 0, 'and did not wait for the last outcome either');
  t.equal(new Set(ran).size, 500, 'each once');
  await runner.stop(100);
});

t.test('while many wait, no batch is a crumb', async (t) => {
  const source = queueOf(1_000);
  const ends: (() => void)[] = [];
  let ran = 0;
  const runner = startRunner<Envelope>({
    boss: source.boss, queue, concurrency: 136, log: silent,
    fairness: createFairness(),
    settler: { settle: async () => undefined },
    tenantOf: () => 'one',
    run: () => new Promise((resolve) => void ends.push(() => resolve(null))),
    handBack: async () => undefined,
  });
  runner.wake();
  await until(() => {
    runner.wake();
    for (const end of ends.splice(0)) {
      ran += 1;
      end();
    }
    return ran === 1_000;
  });
  t.ok(source.sizes.length < 40, `${source.sizes.length} fetches for 1,000 jobs: ${source.sizes.join(' ')}`);
  await runner.stop(100);
});

t.test('a fetch reads its batch in the order of the index, never the backlog', async (t) => {
  const node = await openNode(t, await testDatabase(t));
  await node.jobs.sendMany(Array.from({ length: 2_000 }, () => job()));
  for (const ignoreGroups of [[], ['someone']]) {
    let plan = '';
    const executeSql = async (text: string, values?: readonly unknown[]) => {
      plan = (await node.pool.query(`explain ${text}`, values)).map((row) => row['QUERY PLAN']).join('\n');
      return { rows: [] };
    };
    await node.boss.fetch(queue, { batchSize: 100, ignoreGroups, db: { executeSql } });
    t.match(plan, /Index Scan using job_common_i11/);
    t.notMatch(plan, /Sort|Bitmap|Seq Scan|Hash/);
  }
});

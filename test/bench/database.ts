import { type Json, Type } from '@proofpix/sdk';
import { Pool } from 'pg';
import { openDatabase, type CollectionOp, type Scope } from '../../kernel/database/index.ts';
import { type Teardown, quietLog, testDatabaseUrl, testMasterKey } from '../support/database.ts';
import { testManifest } from '../support/manifest.ts';

/** One line of the bench's table. `ratio` is ours to baseline; at least `target` is good. */
export interface BenchRow {
  name: string;
  unit: string;
  ours: number;
  baseline: number;
  ratio: number;
  target: number;
}

const tenantId = '01900000-0000-7000-8000-00000000000a';
const scope: Scope = { tenantId, timeoutMs: 5_000 };
const concurrency = 20;
const rounds = 7;
const roundMs = 700;
const rowCount = 2_000;

const manifest = testManifest({
  id: 'bench',
  collections: {
    documents: {
      schema: Type.Object({ name: Type.String(), sizeBytes: Type.Integer(), status: Type.String(), tags: Type.Array(Type.String()), takenAt: Type.Optional(Type.String({ format: 'date-time' })) }) as never,
      indexes: [['status']],
    },
  },
});
const columns = '"id", "name", "size_bytes", "status", "tags", "taken_at", "created_at", "updated_at"';

async function perSecond(once: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + roundMs;
  const start = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        await once();
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - start) / 1000);
}

const median = (values: number[]): number => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

async function compare(name: string, target: number, ours: () => Promise<unknown>, baseline: () => Promise<unknown>): Promise<BenchRow> {
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push({ ours: await perSecond(ours), baseline: await perSecond(baseline) });
  const measured = pairs.slice(1);
  return {
    name,
    unit: 'per second',
    ours: Math.round(median(measured.map((pair) => pair.ours))),
    baseline: Math.round(median(measured.map((pair) => pair.baseline))),
    ratio: median(measured.map((pair) => pair.ours / pair.baseline)),
    target,
  };
}

/** Collections against bare `pg`: named statements in a transaction with the same role, tenant, timeout and policies. */
export async function benchDatabase(): Promise<BenchRow[]> {
  const undo: (() => unknown)[] = [];
  const t: Teardown = { teardown: (fn) => undo.push(fn) };
  const database = await openDatabase({ url: await testDatabaseUrl(t), dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: concurrency });
  const pool = new Pool({ connectionString: database.servingUrl, max: concurrency });
  // dropping the database ends connections that are still closing
  pool.on('error', () => undefined);
  try {
    await database.plugins.provision(manifest);
    const store = database.plugins.open(manifest);
    const run = (op: CollectionOp['op'], ...args: Json[]): Promise<Json> => store.run(scope, { op, collection: 'documents', args });
    const ids: string[] = [];
    for (let from = 0; from < rowCount; from += 1_000) {
      const records = Array.from({ length: 1_000 }, (_, at) => ({ name: `photo-${from + at}.jpg`, sizeBytes: at * 1_000, status: at % 2 === 0 ? 'completed' : 'queued', tags: ['a', 'b'], takenAt: '2026-11-22T10:00:00Z' }));
      for (const record of (await run('insertMany', records)) as { id: string }[]) ids.push(record.id);
    }
    await database.boot((query) => query('analyze plugin_bench.documents'));
    const opening = `begin; set local role "${database.prefix}_p_bench"; set local app.tenant = '${tenantId}'; set local statement_timeout = 5000`;
    const bare = async (name: string, text: string, values: unknown[]): Promise<unknown> => {
      const client = await pool.connect();
      try {
        await client.query(opening);
        const { rows } = await client.query({ name, text, values });
        await client.query('commit');
        return rows;
      } finally {
        client.release();
      }
    };
    let turn = 0;
    const nextId = (): string => ids[(turn += 1) % ids.length] ?? '';
    return [
      await compare(
        'one row by id through ctx.db',
        0.6,
        () => run('get', nextId()),
        () => bare('one', `select ${columns} from plugin_bench.documents where id = $1`, [nextId()]),
      ),
      await compare(
        'list of 20 through ctx.db',
        0.5,
        () => run('find', { where: { status: 'completed' }, orderBy: [['id', 'asc']], limit: 20 }),
        () => bare('list', `select ${columns} from plugin_bench.documents where status = $1 order by id limit 20`, ['completed']),
      ),
      await compare(
        'insert through ctx.db',
        0.6,
        () => run('insert', { name: 'new.jpg', sizeBytes: 5, status: 'new', tags: ['x'] }),
        () =>
          bare('insert', `insert into plugin_bench.documents (tenant_id, id, name, size_bytes, status, tags) values ($1, gen_random_uuid(), $2, $3, $4, $5) returning ${columns}`, [tenantId, 'new.jpg', 5, 'new', '["x"]']),
      ),
    ];
  } finally {
    await pool.end();
    await database.close();
    for (const fn of undo.toReversed()) await fn();
  }
}

import { type Json, Type } from '@proofpix/sdk';
import { Pool } from 'pg';
import { openDatabase, type CollectionOp, type Scope } from '../../kernel/database/index.ts';
import { type Teardown, quietLog, testDatabaseUrl, testMasterKey } from '../support/database.ts';
import { testManifest } from '../support/manifest.ts';
import { type BenchRow, inTurns, type Pace, pairedRow, perSecond, ratioAtLeast } from './support.ts';

const tenantId = '01900000-0000-7000-8000-00000000000a';
const scope: Scope = { tenantId, timeoutMs: 5_000 };
const pace: Pace = { roundMs: 700, concurrency: 20 };
const rounds = 6;
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

const compare = async (name: string, target: number, ours: () => Promise<unknown>, baseline: () => Promise<unknown>): Promise<BenchRow> => pairedRow(name, 'per second', await inTurns(rounds, () => perSecond(ours, pace), () => perSecond(baseline, pace)), ratioAtLeast(target));

/** Collections against bare `pg`: named statements in a transaction with the same role, tenant, timeout and policies. */
export async function benchDatabase(): Promise<BenchRow[]> {
  const undo: (() => unknown)[] = [];
  const t: Teardown = { teardown: (fn) => undo.push(fn) };
  const database = await openDatabase({ url: await testDatabaseUrl(t), dataDir: '', masterKey: testMasterKey, log: quietLog, poolMax: pace.concurrency });
  const pool = new Pool({ connectionString: database.servingUrl, max: pace.concurrency });
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

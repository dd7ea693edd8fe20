import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildCell, type CellBackend } from '../../kernel/http/index.ts';
import { quietLog } from '../support/database.ts';
import { forkServer, residentMiB, startKernel } from './child.ts';
import { cleanLoad } from './load.ts';
import type { PluginServer } from './plugin-server.ts';
import { twentyRoutes } from './plugins/twenty-routes.ts';
import { type BenchRow, inTurns, median, oursAtMost, pairedRow, ratioAtLeast, withTeardown } from './support.ts';

const rounds = 5;
const roundSeconds = 2;
const boots = 3;
const idleMs = 4_000;
const cells = 100;

/** One plugin in both runtimes over HTTP, and its read of a row against bare `pg` in bare Fastify. */
export async function benchServer(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    async function open(kind: string, ...args: string[]): Promise<PluginServer> {
      const server = await forkServer<PluginServer>('plugin-server.ts', [kind, ...args]);
      t.teardown(() => server.close());
      return server.started;
    }
    const inProcess = await open('in-process');
    const sandboxed = await open('sandboxed');
    const bare = await open('bare', inProcess.databaseUrl, inProcess.rowId, inProcess.tenantId);
    const rate = (server: PluginServer, path: string) => async () => (await cleanLoad(`${server.url}/api/bench/${path}`, server.token, roundSeconds)).perSecond;
    const row = (server: PluginServer) => rate(server, `row/${server.rowId}`);
    return [
      pairedRow('plugin route: sandboxed vs in process', 'req/s', await inTurns(rounds, rate(sandboxed, 'item/7?limit=5'), rate(inProcess, 'item/7?limit=5')), ratioAtLeast(0.5)),
      pairedRow('plugin route with one ctx.db read vs bare Fastify with bare pg', 'req/s', await inTurns(rounds, row(inProcess), row(bare)), null),
      pairedRow('plugin route with one ctx.db read: sandboxed vs in process', 'req/s', await inTurns(rounds, row(sandboxed), row(inProcess)), ratioAtLeast(0.5)),
    ];
  });
}

/** Boot to ready and memory at rest of `npm start` on the embedded database it made before, against a bare Fastify process. */
async function bootRows(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'proofpix-bench-'));
  const env = { DATA_DIR: dataDir, OPERATOR_EMAIL: 'operator@example.com', OPERATOR_PASSWORD: 'Correct-Horse-Battery-9' };
  const ours = async (): Promise<{ ms: number; mib: number }> => {
    const server = await startKernel(env);
    try {
      await delay(idleMs);
      return { ms: server.readyMs, mib: (await residentMiB(server.pid)).now };
    } finally {
      await server.close();
    }
  };
  const baseline = async (): Promise<{ ms: number; mib: number }> => {
    const begun = performance.now();
    const server = await forkServer('upload-server.ts', [dataDir]);
    const ms = performance.now() - begun;
    try {
      return { ms, mib: (await residentMiB(server.child.pid ?? 0)).now };
    } finally {
      await server.close();
    }
  };
  try {
    // the round that warms up makes the database
    const pairs = await inTurns(boots, ours, baseline);
    return [
      pairedRow('boot to ready on an existing database, vs a bare Fastify process', 'ms', pairs.map((pair) => ({ ours: pair.ours.ms, baseline: pair.baseline.ms })), oursAtMost(3_000)),
      pairedRow('idle memory with every first-party plugin, vs a bare Fastify process', 'MiB', pairs.map((pair) => ({ ours: pair.ours.mib, baseline: pair.baseline.mib })), oursAtMost(200)),
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** What the kernel keeps for one more enabled plugin version, on the heap. Its code comes on top: in process its modules, sandboxed its isolates. */
async function cellRow(): Promise<BenchRow> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { manifest } = twentyRoutes('1.0.0');
  const build = () => buildCell(JSON.parse(JSON.stringify(manifest)) as typeof manifest, {} as CellBackend, { log: quietLog as never, firstParty: false });
  const heapMiB = (): number => {
    collect();
    return process.memoryUsage().heapUsed / 1_048_576;
  };
  const kept = [await build()];
  const before = heapMiB();
  const times: number[] = [];
  for (let at = 0; at < cells; at += 1) {
    const begun = performance.now();
    kept.push(await build());
    times.push(performance.now() - begun);
  }
  const each = (heapMiB() - before) / cells;
  await Promise.all(kept.map((cell) => cell.drain(0)));
  return { name: `memory per enabled plugin of 20 routes (built in ${median(times).toFixed(1)} ms)`, unit: 'MiB', ours: each, baseline: null, ratio: null, target: oursAtMost(2) };
}

export async function benchFootprint(): Promise<BenchRow[]> {
  return [...(await bootRows()), await cellRow()];
}

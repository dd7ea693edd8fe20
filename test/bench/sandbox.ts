import { createHash, createHmac } from 'node:crypto';
import type { Json } from '@proofpix/sdk';
import { dispatch, type Primitives } from '@proofpix/sdk/runtime';
import echo from '../../kernel/sandbox/fixtures/echo.ts';
import { invocation, recordingLog, recordingSession, target } from '../../kernel/sandbox/fixtures/calls.ts';
import { bundle, openSandbox, type Sandbox } from '../../kernel/sandbox/index.ts';
import { attack, hostileCode } from '../faults/hostile/attack.ts';
import { attacks } from '../faults/hostile/attacks.ts';
import { type BenchRow, inTurns, median, oursAtMost, type Pace, pairedRow, perSecond, quantile } from './support.ts';

const rounds = 5;
const callsPerRound = 1_000;
const pace: Pace = { roundMs: 700, concurrency: 32 };
const isolates = 50;
const input = { name: 'IMG_0001.JPG', sizeBytes: 1_234_567, tags: ['a', 'b', 'c'], at: '2026-11-22T10:00:00Z' };

const primitives: Primitives = {
  hash: (algorithm, data) => createHash(algorithm).update(data).digest(),
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  ed25519Sign: () => new Uint8Array(64),
  ed25519Verify: () => false,
};

type Once = () => Promise<unknown>;

function inSandbox(sandbox: Sandbox, method: string, tenantId = 'tenant-a'): Once {
  const session = recordingSession();
  return () => {
    session.calls.length = 0;
    return sandbox.invoke(target('echo', tenantId, { budgets: { cpuMs: 5_000, memoryBytes: 67_108_864 } }), invocation(`service:echo.run.${method}`, input, { tenantId }), session);
  };
}

/** The same dispatch with the same session, and JSON copied at the wall as the in-process runtime does. */
function inProcess(method: string): Once {
  const session = recordingSession();
  const port = { ...session, now: Date.now, aborted: () => false };
  return async () => {
    session.calls.length = 0;
    const asked = JSON.parse(JSON.stringify(invocation(`service:echo.run.${method}`, input))) as ReturnType<typeof invocation>;
    return JSON.parse(JSON.stringify(await dispatch(echo, asked, port, primitives))) as Json;
  };
}

async function latencies(once: Once): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < callsPerRound; i++) {
    const from = performance.now();
    await once();
    found.push(performance.now() - from);
  }
  return found;
}

const row = (name: string, unit: string, ours: number, baseline: number | null, most: number): BenchRow => ({ name, unit, ours, baseline, ratio: baseline === null ? null : ours / baseline, target: oursAtMost(most) });

async function overhead(sandbox: Sandbox, method: string, what: string): Promise<BenchRow[]> {
  const [guest, host] = [inSandbox(sandbox, method), inProcess(method)];
  await latencies(guest);
  const pairs: { guest: number[]; host: number[] }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ guest: await latencies(guest), host: await latencies(host) });
  return [0.5, 0.99].map((q) => row(`sandbox: ${what}, p${q * 100} above in process`, 'ms', median(pairs.map((pair) => quantile(pair.guest, q) - quantile(pair.host, q))), median(pairs.map((pair) => quantile(pair.host, q))), q === 0.5 ? 0.3 : 1));
}

async function throughput(sandbox: Sandbox): Promise<BenchRow> {
  const [guest, host] = [inSandbox(sandbox, 'echo'), inProcess('echo')];
  return pairedRow(`sandbox: calls at concurrency ${pace.concurrency}`, 'per second', await inTurns(rounds, () => perSecond(guest, pace), () => perSecond(host, pace)), null);
}

async function isolateCosts(sandbox: Sandbox): Promise<BenchRow[]> {
  const residentBytes = (): number => sandbox.stats().children.reduce((sum, child) => sum + child.residentBytes, 0);
  const before = residentBytes();
  const colds: number[] = [];
  for (let i = 0; i < isolates; i++) {
    const from = performance.now();
    await inSandbox(sandbox, 'echo', `tenant-${i}`)();
    colds.push(performance.now() - from);
  }
  return [row('sandbox: first call of a new isolate, p50', 'ms', median(colds), null, 25), row('sandbox: memory per isolate', 'MB', (residentBytes() - before) / isolates / 1_048_576, null, 4)];
}

const shown = ['loop', 'promiseChain', 'regex', 'bigInt', 'hugeFill', 'never'];

/** What every attack of the test suite took beyond the budget that ends it: some by name, and the slowest of all. */
async function containment(): Promise<BenchRow[]> {
  const code = await hostileCode();
  const sandbox = await openSandbox({ log: recordingLog() });
  const medians: [name: string, ms: number][] = [];
  let worst: [name: string, ms: number] = ['', 0];
  try {
    for (const name of Object.keys(attacks)) {
      const beyond: number[] = [];
      for (let i = 0; i < 3; i++) {
        const { beyondMs } = await attack(sandbox, code, name, `${name.toLowerCase().replace('_', '-')}-${i}`);
        if (beyondMs === null) continue;
        beyond.push(beyondMs);
        if (beyondMs > worst[1]) worst = [name, beyondMs];
      }
      if (beyond.length > 0) medians.push([name, median(beyond)]);
    }
  } finally {
    await sandbox.close();
  }
  const [slowest = ['', 0] as const] = medians.toSorted(([, a], [, b]) => b - a);
  return [
    ...medians.filter(([name]) => shown.includes(name)).map(([name, ms]) => row(`sandbox: ${name} contained, beyond its budget`, 'ms', ms, null, 250)),
    row(`sandbox: the slowest of ${medians.length} attacks (${slowest[0]}), beyond its budget`, 'ms', slowest[1], null, 250),
    { ...row(`sandbox: the slowest of their ${medians.length * 3} runs (${worst[0]}), beyond its budget`, 'ms', worst[1], null, 250), target: null },
  ];
}

/** The sandbox against the same `dispatch` in process. */
export async function benchSandbox(): Promise<BenchRow[]> {
  const { code } = await bundle(new URL('../../kernel/sandbox/fixtures/echo.ts', import.meta.url).pathname);
  const sandbox = await openSandbox({ log: recordingLog() });
  sandbox.load({ id: 'echo', version: '1.0.0', code });
  try {
    return [...(await overhead(sandbox, 'echo', 'a call')), ...(await overhead(sandbox, 'kv', 'a call with two host calls')), await throughput(sandbox), ...(await isolateCosts(sandbox)), ...(await containment())];
  } finally {
    await sandbox.close();
  }
}

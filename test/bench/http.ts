import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { BenchRow } from './database.ts';

interface Result {
  non2xx: number;
  errors: number;
  requests: { total: number };
  latency: { p99: number };
}

// the package has no types
const autocannon = createRequire(import.meta.url)('autocannon') as (options: { url: string; connections: number; duration: number; headers: Record<string, string> }) => Promise<Result>;

const rounds = 5;
const roundSeconds = 2;
const connections = 50;
const startTimeoutMs = 20_000;

interface Target {
  child: ChildProcess;
  url: string;
  token: string;
}

interface Load {
  /** Requests per second of the server's CPU time: what one saturated core does, whoever else is on the machine. */
  perCpuSecond: number;
  p99Ms: number;
}

function start(kind: 'bare' | 'kernel'): Promise<Target> {
  const child = fork(new URL('http-server.ts', import.meta.url), [kind], { execArgv: [] });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the ${kind} server did not start`)), startTimeoutMs);
    child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)));
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve({ child, ...(message as { url: string; token: string }) });
    });
  });
}

async function cpuMs({ child }: Target): Promise<number> {
  child.send('cpu');
  const [message] = (await once(child, 'message')) as [{ cpuMs: number }];
  return message.cpuMs;
}

async function load(target: Target, path: string): Promise<Load> {
  const { url, token } = target;
  const before = await cpuMs(target);
  const result = await autocannon({ url: `${url}${path}`, connections, duration: roundSeconds, headers: { authorization: `Bearer ${token}` } });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${path}: ${result.non2xx} refused, ${result.errors} failed`);
  return { perCpuSecond: (result.requests.total / ((await cpuMs(target)) - before)) * 1_000, p99Ms: result.latency.p99 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Kernel route and cell route against bare Fastify with the same schema and token check, in alternation. */
export async function benchHttp(): Promise<BenchRow[]> {
  const [bare, kernel] = await Promise.all([start('bare'), start('kernel')]);
  const measured = { bare: [] as Load[], kernel: [] as Load[], cell: [] as Load[] };
  try {
    for (let at = -1; at < rounds; at += 1) {
      const loads = { bare: await load(bare, '/item/7?limit=5'), kernel: await load(kernel, '/item/7?limit=5'), cell: await load(kernel, '/api/items/7?limit=5') };
      // the first round warms up
      if (at < 0) continue;
      for (const name of ['bare', 'kernel', 'cell'] as const) measured[name].push(loads[name]);
    }
  } finally {
    for (const { child } of [bare, kernel]) child.disconnect();
  }
  // each round's ratio against its own neighbour: the machine's speed drifts between rounds
  const ratioOf = (name: 'kernel' | 'cell', part: keyof Load): number => median(measured[name].map((ours, at) => (part === 'p99Ms' ? (measured.bare[at]?.[part] ?? Number.NaN) / ours[part] : ours[part] / (measured.bare[at]?.[part] ?? Number.NaN))));
  const row = (name: string, unit: string, which: 'kernel' | 'cell', part: keyof Load, target: number): BenchRow => ({ name, unit, ours: round(median(measured[which].map((one) => one[part]))), baseline: round(median(measured.bare.map((one) => one[part]))), ratio: round(ratioOf(which, part)), target });
  return [
    row('kernel route vs bare Fastify, same schema and JWT check', 'req/CPU s', 'kernel', 'perCpuSecond', 0.8),
    row('kernel route vs bare Fastify, p99', 'ms', 'kernel', 'p99Ms', 0.7),
    row('cell route vs bare Fastify, same schema and JWT check', 'req/CPU s', 'cell', 'perCpuSecond', 0.6),
    row('cell route vs bare Fastify, p99', 'ms', 'cell', 'p99Ms', 0.5),
  ];
}

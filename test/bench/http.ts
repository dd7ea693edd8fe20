import { once } from 'node:events';
import { type ForkedServer, forkServer } from './child.ts';
import { cleanLoad } from './load.ts';
import { type BenchRow, inTurns, median, pairedRow, ratioAtLeast, type Target, withTeardown } from './support.ts';

const rounds = 5;
const roundSeconds = 2;

type HttpServer = ForkedServer<{ url: string; token: string }>;

interface Measured {
  /** Requests per second of the server's CPU time: what one saturated core does, whoever else is on the machine. */
  perCpuSecond: number;
  p99Ms: number;
}

async function cpuMs({ child }: HttpServer): Promise<number> {
  child.send('cpu');
  const [message] = (await once(child, 'message')) as [{ cpuMs: number }];
  return message.cpuMs;
}

async function measure(server: HttpServer, path: string): Promise<Measured> {
  const { url, token } = server.started;
  const before = await cpuMs(server);
  const { total, p99Ms } = await cleanLoad(`${url}${path}`, token, roundSeconds);
  return { perCpuSecond: (total / ((await cpuMs(server)) - before)) * 1_000, p99Ms };
}

/** Kernel route and cell route against bare Fastify with the same schema and token check, in turns. */
export async function benchHttp(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    async function start(...args: string[]): Promise<HttpServer> {
      const server: HttpServer = await forkServer('http-server.ts', args);
      t.teardown(() => server.close());
      return server;
    }
    const [bare, kernel, logging] = [await start('bare'), await start('kernel'), await start('kernel', 'log')];
    const bareItem = '/item/7?limit=5';
    async function rows(name: string, server: HttpServer, path: string, target: Target | null): Promise<BenchRow[]> {
      const pairs = await inTurns(rounds, () => measure(server, path), () => measure(bare, bareItem));
      const p99 = (which: 'ours' | 'baseline'): number => median(pairs.map((pair) => pair[which].p99Ms));
      return [
        pairedRow(`${name} vs bare Fastify, same schema and JWT check`, 'req/CPU s', pairs.map(({ ours, baseline }) => ({ ours: ours.perCpuSecond, baseline: baseline.perCpuSecond })), target),
        { name: `${name} vs bare Fastify, p99`, unit: 'ms', ours: p99('ours'), baseline: p99('baseline'), ratio: p99('ours') / p99('baseline'), target: null },
      ];
    }
    async function logRow(): Promise<BenchRow> {
      const pairs = await inTurns(rounds, () => measure(logging, bareItem), () => measure(kernel, bareItem));
      return pairedRow('kernel route with the access log vs without it', 'req/CPU s', pairs.map(({ ours, baseline }) => ({ ours: ours.perCpuSecond, baseline: baseline.perCpuSecond })), null);
    }
    return [
      ...(await rows('kernel route', kernel, '/item/7?limit=5', ratioAtLeast(0.8))),
      ...(await rows('cell route', kernel, '/api/items/7?limit=5', ratioAtLeast(0.6))),
      await logRow(),
    ];
  });
}

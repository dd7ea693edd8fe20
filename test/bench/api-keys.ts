import { once } from 'node:events';
import { generateKey, registerUser, testAuth } from '../support/auth.ts';
import { forkServer } from './child.ts';
import type { KeyServer } from './key-server.ts';
import { loadWith } from './load.ts';
import { type BenchRow, inTurns, type Pace, pairedRow, perSecond, ratioAtLeast, withTeardown } from './support.ts';

const rounds = 5;
const roundSeconds = 2;
const pace: Pace = { roundMs: 300, concurrency: 1 };
/** Keys that no node has seen yet; a user has at most 100. */
const coldKeys = 90;

/** A request by API key against one by JWT, and against one whose caller is given: what the check adds to a kernel route. */
async function routeRows(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const server = await forkServer<KeyServer>('key-server.ts', []);
    t.teardown(() => server.close());
    const { url, key, jwt, given } = server.started;
    async function cpuMs(): Promise<number> {
      server.child.send('cpu');
      const [message] = (await once(server.child, 'message')) as [{ cpuMs: number }];
      return message.cpuMs;
    }
    const rate = (headers: Record<string, string>) => async () => {
      const before = await cpuMs();
      const { total, failed } = await loadWith(`${url}/item/7`, headers, roundSeconds);
      if (failed > 0) throw new Error(`${failed} requests failed`);
      return (total / ((await cpuMs()) - before)) * 1_000;
    };
    const byKey = rate({ 'x-api-key': key });
    return [
      pairedRow('kernel route: API key (cached, with addresses and usage) vs a caller who is given', 'req/CPU s', await inTurns(rounds, byKey, rate({ authorization: given })), ratioAtLeast(0.9)),
      pairedRow('kernel route: API key (cached) vs JWT (cached)', 'req/CPU s', await inTurns(rounds, byKey, rate({ authorization: jwt })), ratioAtLeast(0.9)),
    ];
  });
}

export async function benchApiKeys(): Promise<BenchRow[]> {
  const rows = await routeRows();
  return withTeardown(async (t) => {
    const { auth, database } = await testAuth(t);
    const { authorization, identity } = await registerUser(auth);
    const { key } = await generateKey(auth, identity);
    const keys: string[] = [];
    while (keys.length < coldKeys) keys.push((await generateKey(auth, identity)).key);
    const { auth: fresh } = await testAuth(t, { database });
    const start = performance.now();
    for (const cold of keys) await fresh.authenticate({ apiKey: cold });
    const perColdSecond = (keys.length / (performance.now() - start)) * 1_000;
    return [
      ...rows,
      pairedRow('authenticate: API key (cached) vs JWT (cached)', 'per second', await inTurns(rounds, () => perSecond(() => auth.authenticate({ apiKey: key }), pace), () => perSecond(() => auth.authenticate({ authorization }), pace)), ratioAtLeast(0.5)),
      { name: 'authenticate: API key (cold), one after another', unit: 'per second', ours: perColdSecond, baseline: null, ratio: null, target: null },
    ];
  });
}

import { generateSigningKey, packageForm, signedPackage } from '../support/packages.ts';
import { send, type TestReply } from '../support/server.ts';
import { forkServer } from './child.ts';
import { type Load, load } from './load.ts';
import type { PluginServer } from './plugin-server.ts';
import { type BenchRow, median, oursAtMost, withTeardown } from './support.ts';

const quietSeconds = 4;
const swapSeconds = 8;
const roundsEach = 6;

interface Swaps {
  disable: number[];
  enable: number[];
  upgrade: number[];
  rollback: number[];
}

/**
 * A plugin of 20 routes is disabled, enabled, upgraded and rolled back, over and over, while 50
 * connections load another plugin. Times are of the whole request that asks
 * for the change: under that load it waits its turn like any other.
 */
export async function benchSwap(): Promise<BenchRow[]> {
  return withTeardown(async (t) => {
    const key = generateSigningKey();
    const packages = await Promise.all(['1.0.0', '1.1.0'].map((version) => signedPackage(new URL(`plugins/twenty-routes-${version}/`, import.meta.url), key)));
    const server = await forkServer<PluginServer>('plugin-server.ts', ['in-process']);
    t.teardown(() => server.close());
    const { url, token } = server.started;
    const ask = async (method: string, path: string, body?: unknown): Promise<TestReply> => {
      const reply = await send(url, method, path, body, { authorization: `Bearer ${token}` });
      if (reply.status >= 400) throw new Error(`${method} ${path} was answered with ${reply.status}: ${JSON.stringify(reply.body)}`);
      return reply;
    };
    await ask('POST', '/api/plugins/keys', { publisher: 'bench', publicKey: key.publicKey });
    for (const { bytes } of packages) await ask('POST', '/api/plugins/upload', packageForm(bytes));
    const install = (version: string): Promise<TestReply> => ask('POST', '/api/plugins/install', { pluginId: 'twenty-routes', version, grants: [] });
    const enable = (enabled: boolean): Promise<TestReply> => ask('PUT', '/api/plugins/twenty-routes/enable', { enabled });
    // the first time provisions and loads; that is not a swap
    await install('1.0.0');
    // the one time that a version is new to the deployment and to this node
    const begunFirst = performance.now();
    await install('1.1.0');
    const firstUpgradeMs = performance.now() - begunFirst;
    await ask('POST', '/api/plugins/twenty-routes/rollback');

    async function rounds(): Promise<Swaps> {
      const swaps: Swaps = { disable: [], enable: [], upgrade: [], rollback: [] };
      const timed = async (which: keyof Swaps, change: () => Promise<unknown>): Promise<void> => {
        const begun = performance.now();
        await change();
        swaps[which].push(performance.now() - begun);
      };
      for (let round = 0; round < roundsEach; round += 1) {
        await timed('disable', () => enable(false));
        await timed('enable', () => enable(true));
        await timed('upgrade', () => install('1.1.0'));
        await timed('rollback', () => ask('POST', '/api/plugins/twenty-routes/rollback'));
      }
      return swaps;
    }
    const atRest = await rounds();
    const path = `${url}/api/bench/item/7?limit=5`;
    await load(path, token, 2);
    const before: Load = await load(path, token, quietSeconds);
    const loading = load(path, token, swapSeconds);
    const underLoad = await rounds();
    const during = await loading;
    const rows = (name: keyof Swaps): BenchRow[] => {
      const [rest, loaded] = [median(atRest[name]), median(underLoad[name])];
      return [
        { name: `${name} a plugin of 20 routes: the whole request`, unit: 'ms', ours: rest, baseline: null, ratio: null, target: oursAtMost(50) },
        { name: `${name} under 50 connections vs at rest`, unit: 'ms', ours: loaded, baseline: rest, ratio: loaded / rest, target: null },
      ];
    };
    return [
      { name: `requests to another plugin that failed meanwhile, of ${during.total}`, unit: '', ours: during.failed, baseline: before.failed, ratio: null, target: oursAtMost(0) },
      { name: 'p99 of another plugin’s requests during swaps vs before', unit: 'ms', ours: during.p99Ms, baseline: before.p99Ms, ratio: during.p99Ms / before.p99Ms, target: null },
      ...rows('disable'),
      ...rows('enable'),
      { name: 'first upgrade to a version of 20 routes, new to the node: once', unit: 'ms', ours: firstUpgradeMs, baseline: null, ratio: null, target: null },
      ...rows('upgrade'),
      ...rows('rollback'),
    ];
  });
}

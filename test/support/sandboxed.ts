import { fileURLToPath } from 'node:url';
import type { Json } from '@proofpix/sdk';
import type { HostPort, Invocation } from '@proofpix/sdk/runtime';
import { bundle, openSandbox } from '../../kernel/sandbox/index.ts';
import { quietLog } from './database.ts';
import type { Teardown } from './database.ts';

const second = 1000;
const limits = { cpuMs: 5 * second, memoryBytes: 134_217_728, hostCalls: 10_000, bytes: 16_777_216, rows: 0, storedBytes: 0, kvEntries: 0, queuedJobs: 0, eventsPerMinute: 0, metricSeries: 0, connections: 0 };

/**
 * A `dispatch` for the harness that runs a plugin's handlers in the sandbox. The harness's clock
 * does not reach in there: `ctx.clock` tells the machine's time.
 *
 * @param entry the plugin's `plugin.ts`
 */
export async function sandboxed(t: Teardown, entry: URL): Promise<(invocation: Invocation, port: HostPort) => Promise<Json>> {
  const { code } = await bundle(fileURLToPath(entry));
  const sandbox = await openSandbox({ children: 1, log: quietLog });
  t.teardown(() => sandbox.close());
  const loaded = new Set<string>();
  return async (invocation, port) => {
    const { tenantId, plugin } = invocation.call;
    if (!loaded.has(plugin.id)) {
      sandbox.load({ ...plugin, code });
      loaded.add(plugin.id);
    }
    const nowMs = Date.now();
    const call = { ...invocation.call, nowMs, deadline: nowMs + 30 * second };
    const session = { call: port.call, pull: port.pull, push: port.push, notify: port.notify, signal: new AbortController().signal };
    return await sandbox.invoke({ tenantId, pluginId: plugin.id, version: plugin.version, limits, idempotent: false }, { ...invocation, call }, session);
  };
}

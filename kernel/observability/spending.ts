import type { Registry } from 'prom-client';
import { registerSource } from './metric-source.ts';

/** What one plugin has spent for one tenant since the process began. */
export interface Spent {
  pluginId: string;
  /** Null for calls without a tenant, and for pairs beyond the bound. */
  tenantId: string | null;
  calls: number;
  failures: number;
  wallMs: number;
  /** Sandboxed calls only: in process nobody can tell. */
  cpuMs: number;
  hostCalls: number;
  /** Over the sandbox's wall, both ways. */
  bytes: number;
}

export interface Call {
  pluginId: string;
  tenantId: string | null;
  wallMs: number;
  hostCalls: number;
  /** Error code, or null. */
  code: string | null;
}

/** What the sandbox measures beside; the call itself was recorded by whoever made it. */
export interface SandboxUsage {
  pluginId: string;
  tenantId: string;
  cpuMs: number;
  bytes: number;
}

export interface Spending {
  recordCall(call: Call): void;
  recordSandbox(usage: SandboxUsage): void;
  /** All pairs, or those of a plugin or a tenant. */
  spent(filter?: { pluginId?: string; tenantId?: string }): Spent[];
}

/** Pairs of plugin and tenant told apart; further tenants of a plugin are counted together. */
const maxPairs = 10_000;

const metrics = [
  ['proofpix_plugin_calls_total', 'Calls of plugin handlers', 'calls', 1],
  ['proofpix_plugin_failures_total', 'Calls of plugin handlers that ended in an error', 'failures', 1],
  ['proofpix_plugin_wall_seconds_total', 'Time that plugin handlers took', 'wallMs', 0.001],
  ['proofpix_plugin_cpu_seconds_total', 'CPU time of sandboxed handlers', 'cpuMs', 0.001],
  ['proofpix_plugin_host_calls_total', 'Host calls made by plugin handlers', 'hostCalls', 1],
  ['proofpix_plugin_bytes_total', 'Bytes over the wall of the sandbox', 'bytes', 1],
] as const;

/** Who spent what, per plugin and tenant. */
export function createSpending(registry: Registry): Spending {
  const pairs = new Map<string, Spent>();

  function pairOf(pluginId: string, tenantId: string | null): Spent {
    const key = `${pluginId} ${tenantId ?? ''}`;
    const found = pairs.get(key);
    if (found !== undefined) return found;
    if (pairs.size >= maxPairs && tenantId !== null) return pairOf(pluginId, null);
    const made: Spent = { pluginId, tenantId, calls: 0, failures: 0, wallMs: 0, cpuMs: 0, hostCalls: 0, bytes: 0 };
    pairs.set(key, made);
    return made;
  }

  for (const [name, help, part, factor] of metrics) {
    registerSource(registry, { name, help, type: 'counter', samples: () => [...pairs.values()].map((pair) => ({ labels: { plugin: pair.pluginId, tenant: pair.tenantId ?? '' }, value: pair[part] * factor })) });
  }

  return {
    recordCall({ pluginId, tenantId, wallMs, hostCalls, code }) {
      const pair = pairOf(pluginId, tenantId);
      pair.calls += 1;
      if (code !== null) pair.failures += 1;
      pair.wallMs += wallMs;
      pair.hostCalls += hostCalls;
    },
    recordSandbox({ pluginId, tenantId, cpuMs, bytes }) {
      const pair = pairOf(pluginId, tenantId);
      pair.cpuMs += cpuMs;
      pair.bytes += bytes;
    },
    spent: (filter = {}) => [...pairs.values()].filter((pair) => (filter.pluginId === undefined || pair.pluginId === filter.pluginId) && (filter.tenantId === undefined || pair.tenantId === filter.tenantId)).map((pair) => ({ ...pair })),
  };
}

import type { JsonObject, Limits, Manifest } from '@proofpix/sdk';

/** A plugin version this node can run. One per version and node. */
export interface PluginVersion {
  manifest: Manifest;
  trust: 'first-party' | 'third-party';
  /** Where its code runs. */
  runtime: 'in-process' | 'sandboxed';
  limits: Limits;
  /** What the operator grants on top; first-party only. */
  operatorGrants: readonly string[];
  prefixes: readonly string[];
  /** `ctx.settings`; third-party plugins get none. Secrets are not in here: versions are logged and listed. */
  settings?: JsonObject;
}

/** One plugin as one tenant has it. */
export interface Installation {
  tenantId: string;
  pluginId: string;
  version: string;
  previousVersion: string | null;
  enabled: boolean;
  grants: readonly string[];
  config: Readonly<Record<string, never>>;
}

/** Budgets of a call and quotas of a tenant where the manifest names none; what a plugin asks for is capped by {@link mostLimits}. */
export const defaultLimits: Limits = {
  cpuMs: 500,
  memoryBytes: 67_108_864,
  hostCalls: 1000,
  bytes: 8_388_608,
  rows: 100_000,
  storedBytes: 1_073_741_824,
  kvEntries: 10_000,
  queuedJobs: 10_000,
  eventsPerMinute: 6000,
  metricSeries: 100,
  connections: 20,
};

/** The most a third-party plugin gets, whatever it asks for. */
export const mostLimits: Limits = {
  cpuMs: 10_000,
  memoryBytes: 268_435_456,
  hostCalls: 10_000,
  bytes: 33_554_432,
  rows: 10_000_000,
  storedBytes: 107_374_182_400,
  kvEntries: 1_000_000,
  queuedJobs: 1_000_000,
  eventsPerMinute: 60_000,
  metricSeries: 1000,
  connections: 200,
};

export function limitsFor(manifest: Manifest, trust: PluginVersion['trust']): Limits {
  const asked: Limits = { ...defaultLimits, ...manifest.limits };
  if (trust === 'first-party') return asked;
  return Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, Math.min(value, mostLimits[name as keyof Limits])])) as unknown as Limits;
}

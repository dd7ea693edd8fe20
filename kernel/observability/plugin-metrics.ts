import type { Registry } from 'prom-client';
import { createSeries, type HistogramSeries } from './histogram.ts';
import { registerSource, type Sample } from './metric-source.ts';

export interface PluginMetric {
  pluginId: string;
  tenantId: string;
  kind: 'count' | 'gauge' | 'observe';
  name: string;
  value: number;
  labels: Readonly<Record<string, string>>;
  /** The plugin's limit of series in this tenant. */
  maxSeries: number;
}

/** What `ctx.metrics` reports. */
export interface PluginMetrics {
  /** What is malformed, or beyond the plugin's series limit, is dropped and counted. */
  record(metric: PluginMetric): void;
  /** Forgets a plugin, in one tenant or all: it was removed. */
  forget(pluginId: string, tenantId?: string): void;
}

interface Series {
  kind: PluginMetric['kind'];
  name: string;
  labels: Record<string, string>;
  value: number;
  histogram: HistogramSeries | null;
}

const bounds = [0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000];
/** Of the whole process, whatever the plugins' own limits add up to. */
const maxSeriesInAll = 50_000;
const namePattern = /^[a-z][a-z0-9_]{0,79}$/;
const labelPattern = /^[a-z][a-z0-9_]{0,39}$/;
const labelCharacters = 100;
const reserved = new Set(['plugin', 'tenant', 'name', 'le', '__proto__', 'constructor', 'prototype']);

function isWellFormed({ name, value, labels }: PluginMetric): boolean {
  const entries = Object.entries(labels);
  return namePattern.test(name) && Number.isFinite(value) && entries.length <= 8 && entries.every(([label, text]) => labelPattern.test(label) && !reserved.has(label) && text.length <= labelCharacters);
}

/**
 * Metrics of plugins, bounded per plugin and tenant. They are scraped as three families with the
 * plugin's own name as a label, so that no plugin can take or break another's metric name.
 */
export function createPluginMetrics(registry: Registry): PluginMetrics {
  const owners = new Map<string, Map<string, Series>>();
  const dropped = new Map<string, number>();
  let seriesInAll = 0;

  function seriesOf(metric: PluginMetric): Series | null {
    const owner = `${metric.pluginId} ${metric.tenantId}`;
    const own = owners.get(owner) ?? new Map<string, Series>();
    const sorted = Object.entries(metric.labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([metric.kind, metric.name, sorted]);
    const found = own.get(key);
    if (found !== undefined) return found;
    if (own.size >= metric.maxSeries || seriesInAll >= maxSeriesInAll) return null;
    const made: Series = { kind: metric.kind, name: metric.name, labels: { plugin: metric.pluginId, tenant: metric.tenantId, name: metric.name, ...Object.fromEntries(sorted) }, value: 0, histogram: metric.kind === 'observe' ? createSeries(bounds) : null };
    own.set(key, made);
    owners.set(owner, own);
    seriesInAll += 1;
    return made;
  }

  const samplesOf = (kind: PluginMetric['kind'], family: string) => (): Sample[] =>
    [...owners.values()].flatMap((own) => [...own.values()].filter((series) => series.kind === kind).flatMap(({ histogram, labels, value }) => histogram?.samples(family, labels) ?? [{ labels, value }]));
  registerSource(registry, { name: 'proofpix_plugin_counter_total', help: 'Counters of plugins', type: 'counter', samples: samplesOf('count', 'proofpix_plugin_counter_total') });
  registerSource(registry, { name: 'proofpix_plugin_gauge', help: 'Gauges of plugins', type: 'gauge', samples: samplesOf('gauge', 'proofpix_plugin_gauge') });
  registerSource(registry, { name: 'proofpix_plugin_observed', help: 'Observations of plugins', type: 'histogram', samples: samplesOf('observe', 'proofpix_plugin_observed') });
  registerSource(registry, { name: 'proofpix_plugin_metrics_dropped_total', help: 'Metrics of plugins that were malformed or beyond their limit', type: 'counter', samples: () => [...dropped].map(([plugin, value]) => ({ labels: { plugin }, value })) });

  return {
    record(metric) {
      const series = isWellFormed(metric) && (metric.kind !== 'count' || metric.value >= 0) ? seriesOf(metric) : null;
      if (series === null) return void dropped.set(metric.pluginId, (dropped.get(metric.pluginId) ?? 0) + 1);
      if (series.histogram !== null) series.histogram.observe(metric.value);
      else series.value = metric.kind === 'count' ? series.value + metric.value : metric.value;
    },
    forget(pluginId, tenantId) {
      for (const [owner, own] of owners) {
        if (tenantId === undefined ? !owner.startsWith(`${pluginId} `) : owner !== `${pluginId} ${tenantId}`) continue;
        seriesInAll -= own.size;
        owners.delete(owner);
      }
    },
  };
}

import type { Metric, Registry } from 'prom-client';

export type Sample = { value: number; labels: Record<string, string | number>; metricName?: string };

/**
 * A metric whose values are read when it is scraped. The library's own metrics look up their labels at
 * each observation, which is too slow for every request and call.
 */
export function registerSource(registry: Registry, source: { name: string; help: string; type: 'counter' | 'gauge' | 'histogram'; samples(): Sample[] }): void {
  const { name, help, type } = source;
  const metric = {
    name,
    help,
    type,
    get: async () => ({ name, help, type, aggregator: 'sum', values: source.samples() }),
    reset: () => undefined,
  };
  registry.registerMetric(metric as unknown as Metric);
}

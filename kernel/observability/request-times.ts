import type { Registry } from 'prom-client';
import { createSeries, type HistogramSeries } from './histogram.ts';
import { registerSource } from './metric-source.ts';

/** Durations of requests per route template. */
export interface RequestTimes {
  observe(method: string, route: string, plugin: string, status: number, seconds: number): void;
}

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** More are counted as the route `other`: plugins come and go, and each brings routes. */
const maxSeries = 5_000;
const name = 'proofpix_http_request_duration_seconds';

export function createRequestTimes(registry: Registry): RequestTimes {
  const series = new Map<string, { labels: Record<string, string>; times: HistogramSeries }>();
  registerSource(registry, { name, help: 'Time from the first header to the end of the reply', type: 'histogram', samples: () => [...series.values()].flatMap(({ labels, times }) => times.samples(name, labels)) });

  function seriesOf(method: string, route: string, plugin: string, status: number): HistogramSeries {
    const key = `${method} ${status} ${plugin} ${route}`;
    const found = series.get(key);
    if (found !== undefined) return found.times;
    if (series.size >= maxSeries && route !== 'other') return seriesOf('any', 'other', '', status);
    const made = { labels: { method, route, plugin, status: String(status) }, times: createSeries(bounds) };
    series.set(key, made);
    return made.times;
  }

  return { observe: (method, route, plugin, status, seconds) => seriesOf(method, route, plugin, status).observe(seconds) };
}

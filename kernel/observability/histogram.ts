import type { Sample } from './metric-source.ts';

/** Counts of one series: `counts[i]` holds what fell between bounds i-1 and i. */
export interface HistogramSeries {
  observe(value: number): void;
  samples(name: string, labels: Record<string, string>): Sample[];
}

/** @param bounds upper bounds, ascending; one more bucket takes what is above */
export function createSeries(bounds: readonly number[]): HistogramSeries {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value) {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] as number)) at += 1;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += value;
    },
    samples(name, labels) {
      let total = 0;
      const samples = [...bounds, Number.POSITIVE_INFINITY].map((bound, at) => {
        total += counts[at] ?? 0;
        return { metricName: `${name}_bucket`, labels: { ...labels, le: bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound) }, value: total };
      });
      return [...samples, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: total }];
    },
  };
}

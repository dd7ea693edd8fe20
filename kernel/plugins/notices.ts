import type { Json, JsonObject } from '@proofpix/sdk';
import type { Logger } from '../log.ts';
import type { PluginCall } from './call.ts';

/** Where a plugin's metrics go. */
export interface MetricSink {
  record(metric: { pluginId: string; tenantId: string; kind: 'count' | 'gauge' | 'observe'; name: string; value: number; labels: Readonly<Record<string, string>>; maxSeries: number }): void;
}

/** Lines one call may log; more are dropped, and one line says so. */
const maxLines = 200;
const maxLineLength = 4000;
const levels = new Set(['debug', 'info', 'warn', 'error']);
const kinds = new Set(['count', 'gauge', 'observe']);

function isLabels(value: Json | undefined): value is Record<string, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((one) => typeof one === 'string' && one.length <= 100) && Object.keys(value).length <= 8;
}

/** Takes log lines and metrics of plugins. Nothing here can fail a call; what is malformed or too much is dropped. */
export function noticeTaker({ log, metrics }: { log: Logger; metrics: MetricSink }) {
  const counts = new WeakMap<PluginCall, number>();

  function takeLog(call: PluginCall, [level, message, fields]: readonly Json[]): void {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count > maxLines + 1 || typeof message !== 'string' || !levels.has(level as string)) return;
    const bound = { plugin: call.version.manifest.id, tenantId: call.tenantId, traceId: call.provenance.traceId };
    if (count === maxLines + 1) {
      log.warn(bound, `the plugin logs more than ${maxLines} lines in a call; the rest is dropped`);
      return;
    }
    const text = JSON.stringify(fields ?? {});
    log[level as 'info']({ ...bound, fields: text.length > maxLineLength ? text.slice(0, maxLineLength) : (fields as JsonObject) }, message.slice(0, maxLineLength));
  }

  function takeMetric(call: PluginCall, [kind, name, value, labels]: readonly Json[]): void {
    if (call.tenantId === null || !kinds.has(kind as string) || typeof name !== 'string' || !/^[a-z][a-z0-9_]{0,79}$/.test(name) || typeof value !== 'number' || !Number.isFinite(value) || !isLabels(labels)) return;
    metrics.record({ pluginId: call.version.manifest.id, tenantId: call.tenantId, kind: kind as 'count', name, value, labels, maxSeries: call.version.limits.metricSeries });
  }

  return (call: PluginCall, name: 'log' | 'metric', args: readonly Json[]): void => (name === 'log' ? takeLog : takeMetric)(call, args);
}

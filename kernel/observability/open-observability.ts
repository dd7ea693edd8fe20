import { collectDefaultMetrics, Registry } from 'prom-client';
import type { RequestObserver } from '../http/request-observer.ts';
import type { Logger } from '../log.ts';
import { createPluginMetrics, type PluginMetrics } from './plugin-metrics.ts';
import { createRequestObserver } from './request-observer.ts';
import { createRequestTimes } from './request-times.ts';
import { type Call, createSpending, type SandboxUsage, type Spent } from './spending.ts';
import { openTracing, type Tracing } from './tracing.ts';

export interface Observability {
  readonly registry: Registry;
  /** For the HTTP server. */
  readonly observer: RequestObserver;
  /** What `ctx.metrics` reports. */
  readonly pluginMetrics: PluginMetrics;
  /** One call of a plugin's handler, wherever it ran. */
  recordCall(call: Call): void;
  /** What the sandbox measured of a call beside that. */
  sandboxUsage(usage: SandboxUsage): void;
  /** Who spent what on this node since it began. */
  spent(filter?: { pluginId?: string; tenantId?: string }): Spent[];
  traced: Tracing['traced'];
  /** Route folder of `/metrics`. */
  readonly routes: { dir: string; services: { registry: Registry } };
  /** Sends the last spans; bounded. */
  close(): Promise<void>;
}

/** Logs of requests, metrics and traces of one process. */
export async function openObservability(options: { log: Logger; version: string; traceEndpoint: string | undefined; accessLog?: boolean }): Promise<Observability> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const tracing = await openTracing({ endpoint: options.traceEndpoint, version: options.version });
  const spending = createSpending(registry);
  return {
    registry,
    observer: createRequestObserver({ log: options.log, times: createRequestTimes(registry), tracing, accessLog: options.accessLog ?? true }),
    pluginMetrics: createPluginMetrics(registry),
    recordCall: spending.recordCall,
    sandboxUsage: spending.recordSandbox,
    spent: spending.spent,
    traced: tracing.traced,
    routes: { dir: `${import.meta.dirname}/routes`, services: { registry } },
    close: () => tracing.close(),
  };
}

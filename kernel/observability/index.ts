export { createLogger, type LoggerOptions } from './logger.ts';
export { type Observability, openObservability } from './open-observability.ts';
export type { PluginMetric, PluginMetrics } from './plugin-metrics.ts';
export type { Call, SandboxUsage, Spent } from './spending.ts';
export { noTracing, type Tracing } from './tracing.ts';

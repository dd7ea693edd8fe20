import type { TraceContext } from '../http/trace-context.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface RequestSpan {
  set(attributes: Attributes): void;
  rename(name: string): void;
  end(status: number): void;
}

/** Spans of requests, plugin calls and host calls; free of cost when no collector is named. */
export interface Tracing {
  readonly enabled: boolean;
  /** Starts a request's span and makes it the parent of what the request does from here on. */
  startRequest(method: string, context: TraceContext): RequestSpan | null;
  /** Runs `run` inside a span. */
  traced<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>;
  /** Sends what is left, `timeoutMs` at the most. */
  close(timeoutMs?: number): Promise<void>;
}

export const noTracing: Tracing = { enabled: false, startRequest: () => null, traced: (_name, _attributes, run) => run(), close: () => Promise.resolve() };

/** @param endpoint of an OTLP collector; undefined for no traces */
export async function openTracing({ endpoint, version }: { endpoint: string | undefined; version: string }): Promise<Tracing> {
  if (endpoint === undefined) return noTracing;
  const { createTracing } = await import('./open-telemetry.ts');
  return createTracing({ endpoint, version });
}

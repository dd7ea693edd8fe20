import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, AlwaysOnSampler, RandomIdGenerator, SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Tracing } from './tracing.ts';

const closeMs = 3_000;

function fail(span: Span, error: unknown): void {
  const code = (error as { code?: unknown } | null)?.code;
  // messages may hold what users wrote: only the code leaves the process
  span.setStatus({ code: SpanStatusCode.ERROR, message: typeof code === 'string' ? code : 'error' });
}

/**
 * Spans by OpenTelemetry, sent by OTLP over HTTP. Its own file, loaded only where there is a collector: it is a tenth of all modules.
 *
 * @param options.exporter for tests: spans go there one by one
 */
export function createTracing(options: { version: string } & ({ endpoint: string; exporter?: undefined } | { endpoint?: undefined; exporter: SpanExporter })): Tracing {
  const { endpoint, exporter } = options;
  // a trace that begins here has the id that the request's scope already told others
  const random = new RandomIdGenerator();
  let nextTraceId: string | null = null;
  const idGenerator = { generateTraceId: () => nextTraceId ?? random.generateTraceId(), generateSpanId: () => random.generateSpanId() };
  const processor =
    exporter === undefined
      ? new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: 5_000 }), maxQueueSize: 4_096, exportTimeoutMillis: 10_000 })
      : new SimpleSpanProcessor({ exporter });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'proofpix', 'service.version': options.version }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    idGenerator,
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('proofpix', options.version);
  const current = new AsyncLocalStorage<Context>();

  return {
    enabled: true,
    startRequest(method, { traceId, parentSpanId, sampled }) {
      const parent = parentSpanId === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parentSpanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true });
      nextTraceId = traceId;
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } }, parent);
      nextTraceId = null;
      current.enterWith(trace.setSpan(ROOT_CONTEXT, span));
      return {
        set: (attributes) => void span.setAttributes({ ...attributes }),
        rename: (name) => void span.updateName(name),
        end(status) {
          span.setAttribute('http.response.status_code', status);
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    async traced(name, attributes, run) {
      const parent = current.getStore() ?? ROOT_CONTEXT;
      const span = tracer.startSpan(name, { attributes: { ...attributes } }, parent);
      try {
        return await current.run(trace.setSpan(parent, span), run);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    async close(timeoutMs = closeMs) {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), timeout]);
    },
  };
}

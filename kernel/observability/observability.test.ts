import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { Registry } from 'prom-client';
import t from 'tap';
import type { RouteManifest } from '@proofpix/sdk';
import { memoryBackend, memoryLog, tenantA, tenantB } from '../http/testing/fakes.ts';
import { startServer, until } from '../http/testing/start.ts';
import { createLogger, noTracing, openObservability } from './index.ts';
import { createTracing } from './open-telemetry.ts';
import { createPluginMetrics } from './plugin-metrics.ts';
import { createRequestObserver } from './request-observer.ts';
import { createRequestTimes } from './request-times.ts';
import { createSpending } from './spending.ts';

const route: RouteManifest = { name: 'notes.get', method: 'GET', path: '/api/notes/:id', access: 'public' };

t.test('secrets are not logged', async (test) => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const secret = 'hunter2';
  log.info({ password: secret, headers: { authorization: secret, cookie: secret, 'x-api-key': secret, 'set-cookie': secret }, body: { user: { newPassword: secret, name: 'ann' }, refreshToken: secret } }, 'login');
  log.child({ token: secret }).info('child');
  test.notMatch(lines.join(''), /hunter2/);
  test.match(JSON.parse(lines[0] ?? ''), { msg: 'login', body: { user: { name: 'ann' } } });
  log.debug('not at this level');
  test.equal(lines.length, 2);
});

t.test('a line leaves within a second or so, however few follow it', async (test) => {
  const file = join(test.testdir(), 'log');
  const log = createLogger({ level: 'info', file });
  log.info({ password: 'hunter2' }, 'the only one');
  for (const end = Date.now() + 30_000; Date.now() < end && !(await readFile(file, 'utf8')).endsWith('\n'); ) await delay(20);
  test.match(JSON.parse((await readFile(file, 'utf8')) || '{}'), { msg: 'the only one', password: '[secret]' });
});

t.test('a request is one line of its own, whatever the logger looks for', async (test) => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }).child({ node: 'a' });
  const observer = createRequestObserver({ log, times: createRequestTimes(new Registry()), tracing: noTracing, accessLog: true });
  const request = { method: 'GET', is404: false, routeOptions: { url: '/api/notes/:id' } } as never;
  observer.begin(request, { raw: { writableEnded: true, statusCode: 200 } } as never, { requestId: 'r', traceId: 't', ip: '::1', tenantId: tenantA, identity: null } as never)?.();
  test.match(lines.map((line) => JSON.parse(line) as object), [{ node: 'a', requestId: 'r', method: 'GET', route: '/api/notes/:id', status: 200, tenantId: tenantA, msg: 'request' }]);
  log.info({ password: 'hunter2' }, 'login');
  test.notMatch(lines[1], /hunter2/, 'other lines are looked through as before');
});

t.test('metrics of plugins are bounded, and cannot touch others', async (test) => {
  const registry = new Registry();
  const metrics = createPluginMetrics(registry);
  const record = (given: object) => metrics.record({ pluginId: 'notes', tenantId: tenantA, kind: 'count', name: 'made', value: 1, labels: {}, maxSeries: 3, ...given });
  for (const bad of [{ name: 'Made' }, { name: 'a"} 1\nfoo' }, { value: Number.NaN }, { value: -1 }, { labels: { tenant: 'other' } }, { labels: { ['__proto__']: 'x' } }, { labels: { 'a b': 'x' } }, { labels: { a: 'x'.repeat(101) } }]) record(bad);
  for (let at = 0; at < 10; at += 1) record({ labels: { n: `${at}` } });
  record({ labels: { n: '0' }, value: 4 });
  record({ tenantId: tenantB, labels: { n: 'quote"\n\\' } });
  record({ tenantId: tenantB, kind: 'gauge', name: 'level', value: -2 });
  record({ tenantId: tenantB, kind: 'observe', name: 'size_bytes', value: 50 });
  const text = await registry.metrics();
  test.equal(text.match(/^proofpix_plugin_counter_total\{plugin="notes",tenant="[^"]*a"/gm)?.length, 3, 'the limit of series holds');
  test.match(text, /name="made",n="0"\} 5$/m);
  test.match(text, /n="quote\\"\\n\\\\"\} 1$/m);
  test.match(text, /proofpix_plugin_gauge\{[^}]*name="level"\} -2/);
  test.match(text, /proofpix_plugin_observed_bucket\{[^}]*le="100"\} 1/);
  test.match(text, /proofpix_plugin_observed_count\{[^}]*name="size_bytes"\} 1/);
  test.match(text, /proofpix_plugin_metrics_dropped_total\{plugin="notes"\} 1[45]/);
  metrics.forget('notes', tenantA);
  test.notMatch(await registry.metrics(), new RegExp(tenantA));
  record({ labels: { n: 'again' } });
  test.match(await registry.metrics(), /n="again"\} 1/);
});

t.test('who spent what', async (test) => {
  const registry = new Registry();
  const spending = createSpending(registry);
  spending.recordCall({ pluginId: 'notes', tenantId: tenantA, wallMs: 1_500, hostCalls: 3, code: null });
  spending.recordCall({ pluginId: 'notes', tenantId: tenantA, wallMs: 500, hostCalls: 0, code: 'CONFLICT' });
  spending.recordSandbox({ pluginId: 'notes', tenantId: tenantA, cpuMs: 250, bytes: 100 });
  spending.recordCall({ pluginId: 'files', tenantId: null, wallMs: 1, hostCalls: 0, code: null });
  test.same(spending.spent({ tenantId: tenantA }), [{ pluginId: 'notes', tenantId: tenantA, calls: 2, failures: 1, wallMs: 2_000, cpuMs: 250, hostCalls: 3, bytes: 100 }]);
  const text = await registry.metrics();
  test.match(text, new RegExp(`proofpix_plugin_wall_seconds_total\\{plugin="notes",tenant="${tenantA}"\\} 2$`, 'm'));
  test.match(text, /proofpix_plugin_calls_total\{plugin="files",tenant=""\} 1/);
});

t.test('/metrics is for operators and for this machine', async (test) => {
  const log = memoryLog();
  const observability = await openObservability({ log, version: '1.0.0', traceEndpoint: undefined });
  test.teardown(() => observability.close());
  const { server, enable } = await startServer(test, { observer: observability.observer, routes: [observability.routes] });
  await enable([route], memoryBackend(() => ({ json: {} })));
  const ask = (headers: Record<string, string> = {}, remoteAddress = '10.0.0.1') => server.fastify.inject({ url: '/metrics', remoteAddress, headers });
  test.equal((await ask()).statusCode, 401);
  test.equal((await ask({ authorization: 'Bearer a-1' })).statusCode, 403);
  test.equal((await ask({ 'x-forwarded-for': '1.1.1.1' }, '127.0.0.1')).statusCode, 401, 'a proxy on this machine is not the scraper');
  test.equal((await ask({}, '::ffff:127.0.0.1')).statusCode, 200);
  for (const url of ['/api/notes/1', '/api/notes/2', '/nope', '/health/live']) await server.fastify.inject({ url });
  const reply = await ask({ authorization: 'Bearer op-1' });
  test.match(reply.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  test.match(reply.body, /proofpix_http_request_duration_seconds_count\{method="GET",route="\/api\/notes\/:id",plugin="notes",status="200"\} 2/, 'by template, not by path');
  test.match(reply.body, /route="none",plugin="",status="404"\} 1/);
  test.match(reply.body, /route="\/metrics",plugin="",status="403"\} 1/);
  test.match(reply.body, /process_resident_memory_bytes \d+/);
  test.notMatch(reply.body, /notes\/1|nope/);
  test.match(log.lines.find(({ fields }) => (fields as { plugin?: string }).plugin === 'notes'), { level: 'info', message: 'request', fields: { method: 'GET', route: '/api/notes/:id', status: 200, requestId: /./, traceId: /./, durationMs: Number } });
});

t.test('a client that left is logged as such', async (test) => {
  const log = memoryLog();
  const registry = new Registry();
  const observer = createRequestObserver({ log, times: createRequestTimes(registry), tracing: noTracing, accessLog: true });
  const { enable, listen } = await startServer(test, { observer });
  const backend = memoryBackend(() => new Promise(() => undefined));
  await enable([route], backend);
  const { url } = await listen();
  const controller = new AbortController();
  const asked = fetch(`${url}/api/notes/1`, { signal: controller.signal });
  await until(() => backend.calls.length === 1, 'the call');
  controller.abort();
  await test.rejects(asked);
  await until(() => log.lines.length === 1, 'the line');
  test.match(log.lines[0]?.fields, { status: 499 });
});

t.test('spans of a request, a plugin call and a host call hang together', async (test) => {
  const exporter = new InMemorySpanExporter();
  const tracing = createTracing({ version: '1.0.0', exporter });
  test.teardown(() => tracing.close());
  const observer = createRequestObserver({ log: memoryLog(), times: createRequestTimes(new Registry()), tracing, accessLog: false });
  const { enable, listen } = await startServer(test, { observer });
  const backend = memoryBackend(({ input }) =>
    tracing.traced('notes route:notes.get', { 'proofpix.plugin': 'notes' }, async () => {
      await tracing.traced('db.get', {}, async () => {
        await Promise.resolve();
        if (input.params['id'] === 'bad') throw Object.assign(new Error('secret text'), { code: 'CONFLICT', kind: 'conflict' });
      });
      return { json: {} };
    }),
  );
  await enable([route], backend);
  const { url } = await listen();
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  await (await fetch(`${url}/api/notes/1`, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } })).text();
  await until(() => exporter.getFinishedSpans().length === 3, 'the spans');
  const byName = (name: string): ReadableSpan | undefined => exporter.getFinishedSpans().find((span) => span.name === name);
  const [request, call, host] = [byName('GET /api/notes/:id'), byName('notes route:notes.get'), byName('db.get')];
  test.equal(request?.parentSpanContext?.spanId, '00f067aa0ba902b7');
  test.equal(call?.parentSpanContext?.spanId, request?.spanContext().spanId);
  test.equal(host?.parentSpanContext?.spanId, call?.spanContext().spanId);
  for (const span of [request, call, host]) test.equal(span?.spanContext().traceId, trace);
  test.match(request?.attributes, { 'http.route': '/api/notes/:id', 'http.response.status_code': 200, 'proofpix.plugin': 'notes' });

  exporter.reset();
  await Promise.all(['bad', '2', '3'].map(async (id) => (await fetch(`${url}/api/notes/${id}`)).text()));
  await until(() => exporter.getFinishedSpans().length === 9, 'the spans of three at once');
  test.equal(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size, 3, 'each request has a trace of its own');
  test.equal(backend.calls.every(({ scope }) => scope.traceId === trace || exporter.getFinishedSpans().some((span) => span.spanContext().traceId === scope.traceId)), true, 'the one that its scope names');
  test.notMatch(JSON.stringify(exporter.getFinishedSpans().map(({ attributes, status, events }) => ({ attributes, status, events }))), /secret text/);

  exporter.reset();
  await (await fetch(`${url}/api/notes/4`, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-00` } })).text();
  test.strictSame(exporter.getFinishedSpans(), [], 'what the caller does not sample is not recorded');
});

t.test('a dead collector holds nothing up', async (test) => {
  const tracing = createTracing({ endpoint: 'http://127.0.0.1:1', version: '1.0.0' });
  await tracing.traced('work', {}, async () => undefined);
  const started = performance.now();
  await tracing.close(200);
  test.ok(performance.now() - started < 2_000);
});

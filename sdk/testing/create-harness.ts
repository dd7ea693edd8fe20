import type { HookResult, Plugin } from '../define-plugin.ts';
import type { StoredFile } from '../context.ts';
import type { Json, JsonObject } from '../json.ts';
import type { SendOptions } from '../context.ts';
import { background, type EventInit } from './background.ts';
import type { FakeClock } from './fake-clock.ts';
import { crossed, fakeHost } from './fake-host.ts';
import { fileContent } from './host/files.ts';
import { linkToken } from './host/auth.ts';
import { invoker } from './invoke.ts';
import { defaultTenantId, defaultUserId, type HarnessOptions, type Identity } from './options.ts';
import { requester, type RequestInit, type Response } from './request.ts';
import { type AuditedAction, type EmittedEvent, harnessState, type LogLine, type MetricPoint, type PublishedMessage, type SentJob } from './state.ts';

/** A plugin under test, and everything it did. Nothing runs by itself: events and jobs wait for the test. */
export interface Harness {
  /**
   * A request to one of the plugin's routes, by its path in the manifest or below `/api/x/<id>`.
   * Errors of the contract come back as a response; other exceptions of a handler are thrown.
   */
  request(method: string, path: string, init?: RequestInit): Promise<Response>;
  /**
   * Delivers an event to the plugin's subscriptions of that name; tells which got it.
   *
   * @throws what a subscriber throws; the host would try again.
   */
  emit(event: EventInit): Promise<string[]>;
  /** Delivers the plugin's own new events to its own subscriptions. */
  deliverEvents(): Promise<void>;
  /** Queues a job as a cron entry would, by default as the system. */
  sendJob(name: string, data: JsonObject, options?: SendOptions & { as?: Identity }): SentJob;
  /** Runs jobs that are due, also those they send, until none is; a failed one waits for its retry. */
  runJobs(name?: string): Promise<SentJob[]>;
  /** Runs the plugin's hook on a point. */
  hook(point: string, payload: JsonObject, options?: { as?: Identity }): Promise<HookResult<JsonObject>>;
  /** Calls a service that the plugin provides; `confined` as for content that must leave no trace. */
  serve(ref: string, method: string, input: Json, options?: { as?: Identity; confined?: boolean }): Promise<Json>;
  /** Content that another plugin shares with this one: a handle for `ctx.files`. */
  shareFile(content: Uint8Array | string, options?: { mimeType?: string; tenantId?: string; ttlSeconds?: number }): Promise<{ handle: string; file: StoredFile }>;
  /** Content of a stored file, or null when it is gone. */
  fileBytes(id: string): Uint8Array | null;
  /** A token as `ctx.links.sign` makes it. */
  link(link: { purpose: string; id: string; tenantId?: string; expiresInSeconds?: number }): string;
  /** A collection's operation on committed records, past the plugin: to arrange and to look. */
  db(collection: string, operation: string, args: readonly unknown[], options?: { tenantId?: string }): Promise<Json>;
  readonly clock: FakeClock;
  readonly events: readonly EmittedEvent[];
  readonly jobs: readonly SentJob[];
  readonly published: readonly PublishedMessage[];
  readonly audited: readonly AuditedAction[];
  readonly logs: readonly LogLine[];
  readonly metrics: readonly MetricPoint[];
  readonly secrets: ReadonlyMap<string, string>;
}

/** One identity laid over another; what neither says is the default. */
function completed(base: Identity, given: Identity = {}): Required<Identity> {
  const merged = { ...base, ...given };
  const userId = merged.userId === undefined ? (merged.kind === 'system' || merged.kind === 'public' ? null : defaultUserId) : merged.userId;
  return {
    tenantId: merged.tenantId ?? defaultTenantId,
    userId,
    kind: given.kind ?? (given.userId === null ? 'public' : (merged.kind ?? (userId === null ? 'public' : 'user'))),
    role: merged.role === undefined ? 'owner' : merged.role,
    permissions: merged.permissions ?? [],
    operator: merged.operator ?? false,
  };
}

/**
 * Runs a plugin's handlers in process, through the dispatcher that both runtimes use, over a host in
 * memory with the kernel's rules: capabilities, permissions, schemas, filters, uniques, transactions.
 * Time stands still and random numbers repeat. It does not show what only the real thing has:
 * PostgreSQL's plans and `ctx.sql`, budgets and quotas, address checks, delivery across nodes.
 */
export function createHarness(plugin: Plugin, options: HarnessOptions = {}): Harness {
  const state = harnessState(plugin, options);
  const resolve = (identity?: Identity): Required<Identity> => completed(options.as ?? {}, identity);
  const invoke = invoker(state, fakeHost(state));
  const work = background(state, invoke, resolve);
  return {
    request: requester(state, invoke, resolve),
    emit: work.emit,
    deliverEvents: work.deliverOwn,
    sendJob: work.send,
    runJobs: work.runJobs,
    hook: async (point, payload, { as } = {}) => ((await work.hook(point, payload, as)) ?? undefined) as HookResult<JsonObject>,
    serve: (ref, method, input, { as, confined } = {}) => work.serve(ref, method, input, as, confined),
    async shareFile(content, { mimeType, tenantId = resolve().tenantId, ttlSeconds = 3600 } = {}) {
      const stored = await fileContent(state, tenantId, typeof content === 'string' ? Buffer.from(content) : content, mimeType ?? null);
      const handle = `handle-${state.ids.record()}`;
      state.handles.set(handle, { content: stored, expiresMs: state.clock.now() + ttlSeconds * 1000, callId: null });
      return { handle, file: stored.file };
    },
    fileBytes: (id) => state.files.get(id)?.bytes ?? null,
    link: ({ purpose, id, tenantId = resolve().tenantId, expiresInSeconds }) => linkToken(tenantId, purpose, id, expiresInSeconds === undefined ? null : state.clock.now() + expiresInSeconds * 1000),
    db: async (collection, operation, args, { tenantId = resolve().tenantId } = {}) => crossed(await state.store.run(tenantId, 'harness', collection, operation, crossed(args) as Json[])),
    clock: state.clock,
    events: state.events,
    jobs: state.jobs,
    published: state.published,
    audited: state.audited,
    logs: state.logs,
    metrics: state.metrics,
    secrets: state.secrets,
  };
}

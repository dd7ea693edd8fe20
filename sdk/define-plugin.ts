import type { Static, TObject, TSchema } from 'typebox';
import type { CollectionSchemas, Context, RouteRequest, ServiceRefs, UploadedFile } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import { engineVersion, type BodyManifest, type EventManifest, type HookManifest, type HookPointManifest, type JobManifest, type Limits, type Manifest, type RouteManifest, type SubscriptionManifest, type TenantSource } from './manifest.ts';
import type { Reply } from './reply.ts';
import type { ServiceRef } from './service.ts';

/** A handler as the runtime calls it: the context, then the input. */
// A handler's parameter types are checked where it is declared; here they are erased.
// oxlint-disable-next-line typescript/no-explicit-any
export type Handler = (ctx: any, input: any) => unknown;

/** One piece of a plugin: data for the manifest, and the code behind it. */
export interface Part {
  readonly kind: 'route' | 'job' | 'subscription' | 'hook' | 'provide';
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly data: unknown;
}

/** What {@link collection} takes. */
export interface CollectionInit<S extends TObject> {
  /** Fields of a record; the host adds `id`, `createdAt`, `updatedAt`. */
  schema: S;
  indexes?: string[][];
  /** Unique within a tenant. */
  unique?: string[][];
  /**
   * Text fields for the filter's `$search`, at most four. Words are lower-cased, not stemmed. Only the first 131,072
   * characters of a text are found (an index entry ends at 1 MiB); a longer one is stored whole all the same.
   */
  search?: string[];
}

/** Declares a collection; the schema is the type, the validator and the table. */
export function collection<S extends TObject>(init: CollectionInit<S>): CollectionInit<S> {
  return init;
}

type Body = { json: TSchema; maxBytes?: number } | { raw: true; maxBytes: number } | { upload: true; maxBytes: number } | { multipart: { fields?: TObject; maxFiles: number; maxBytes: number; oversized?: 'refuse' | 'report'; ephemeral?: boolean } };
type BodyOf<B> = B extends { json: infer S extends TSchema } ? Static<S> : B extends { multipart: { fields: infer F extends TSchema } } ? Static<F> : null;
type StaticOr<S, D> = S extends TSchema ? Static<S> : D;

type RouteInit<Ctx, P, Q, B, R> = Omit<RouteManifest, 'params' | 'query' | 'body' | 'response' | 'access' | 'tenantFrom'> & {
  access: RouteManifest['access'];
  tenantFrom?: TenantSource;
  params?: P;
  query?: Q;
  body?: B;
  response?: R;
  handler: (ctx: Ctx, request: RouteRequest<StaticOr<P, Record<string, string>>, StaticOr<Q, Record<string, unknown>>, BodyOf<B>> & { files: UploadedFile[] }) => Promise<StaticOr<R, unknown> | Reply> | StaticOr<R, unknown> | Reply;
};

/** The delivery of a durable event. The same event may come twice, with the same `id`. */
export interface EventDelivery<T = JsonObject> {
  id: string;
  name: string;
  payload: T;
  /** RFC 3339. */
  emittedAt: string;
  attempt: number;
}

/** One run of a job. The same job may run again after a crash, so its effect has to bear repetition. */
export interface JobRun<T = JsonObject> {
  id: string;
  data: T;
  /** 1 at the first try. */
  attempt: number;
}

/** What a hook answers: a patched payload, a refusal, or nothing. */
export type HookResult<T> = void | { patch: Partial<T> } | { refuse: { code: string; message: string } };

const plain = <T>(schema: T): T => schema;

function bodyManifest(body: Body): BodyManifest {
  if ('json' in body) return { kind: 'json', schema: plain(body.json) as unknown as Record<string, unknown>, ...(body.maxBytes === undefined ? {} : { maxBytes: body.maxBytes }) };
  if ('raw' in body) return { kind: 'raw', maxBytes: body.maxBytes };
  if ('upload' in body) return { kind: 'upload', maxBytes: body.maxBytes };
  const { fields, ...rest } = body.multipart;
  return { kind: 'multipart', ...rest, ...(fields === undefined ? {} : { fields: fields as unknown as Record<string, unknown> }) };
}

/**
 * Types the parts of one plugin: `const { route, job } = pluginKit({ collections, config, services, settings })`.
 * The parts are data with handlers; {@link definePlugin} puts them together.
 */
export function pluginKit<C extends CollectionSchemas = Record<never, never>, F extends TObject | undefined = undefined, S extends ServiceRefs = Record<never, never>, G extends TObject | undefined = undefined>(
  _types: { collections?: C; config?: F; services?: S; settings?: G } = {},
) {
  type Ctx = Context<C, StaticOr<F, JsonObject>, S, StaticOr<G, JsonObject>>;
  return {
    route<P extends TSchema | undefined = undefined, Q extends TSchema | undefined = undefined, B extends Body | undefined = undefined, R extends TSchema | undefined = undefined>(init: RouteInit<Ctx, P, Q, B, R>): Part {
      const { handler, body, ...data } = init;
      return { kind: 'route', data: { ...data, ...(body === undefined ? {} : { body: bodyManifest(body) }) }, handlers: { [`route:${init.name}`]: handler as Handler } };
    },
    job<D extends TSchema>(name: string, init: Omit<JobManifest, 'schema'> & { schema: D; handler: (ctx: Ctx, run: JobRun<Static<D>>) => Promise<Json | void> }): Part {
      const { handler, ...data } = init;
      return { kind: 'job', data: { name, data }, handlers: { [`job:${name}`]: handler as Handler } };
    },
    subscriber<T = JsonObject>(init: SubscriptionManifest & { handler: (ctx: Ctx, event: EventDelivery<T>) => Promise<void> }): Part {
      const { handler, ...data } = init;
      return { kind: 'subscription', data, handlers: { [`event:${init.name}`]: handler as Handler } };
    },
    hook<T = JsonObject>(init: HookManifest & { handler: (ctx: Ctx, payload: T) => Promise<HookResult<T>> }): Part {
      const { handler, ...data } = init;
      return { kind: 'hook', data, handlers: { [`hook:${init.point}`]: handler as Handler } };
    },
    provide<R extends ServiceRef>(ref: R, methods: { [K in keyof R['methods']]: (ctx: Ctx, input: Static<R['methods'][K]['input']>) => Promise<Static<R['methods'][K]['output']>> }): Part {
      const handlers: Record<string, Handler> = {};
      for (const [name, method] of Object.entries(methods)) handlers[`service:${ref.id}.${name}`] = method as Handler;
      return { kind: 'provide', data: { id: ref.id, version: ref.version, methods: ref.methods }, handlers };
    },
    /** Never called: `typeof kit.Context` names the context's type for services in other files. */
    Context: undefined as unknown as Ctx,
  };
}

/** What {@link definePlugin} takes; everything but the code ends in the manifest. */
export interface PluginInit {
  id: string;
  version: string;
  /** Semver range of the engine; default: this SDK's major. */
  engine?: string;
  title: string;
  description: string;
  publisher?: string;
  dependencies?: Manifest['dependencies'];
  capabilities?: string[];
  config?: TObject;
  settings?: TObject;
  secrets?: Manifest['secrets'];
  collections?: CollectionSchemas;
  permissions?: Manifest['permissions'];
  events?: Record<string, Omit<EventManifest, 'schema'> & { schema: TSchema }>;
  hookPoints?: Record<string, Omit<HookPointManifest, 'schema'> & { schema: TSchema }>;
  services?: ServiceRefs;
  parts?: readonly Part[];
  limits?: Partial<Limits>;
  migrations?: Manifest['migrations'];
}

/** A plugin as both runtimes load it. */
export interface Plugin {
  readonly manifest: Manifest;
  readonly handlers: Readonly<Record<string, Handler>>;
  /** References by the name under which `ctx.services` has them. */
  readonly services: ServiceRefs;
}

/**
 * Puts a plugin together. The manifest is plain JSON (schemas lose what JSON cannot hold), so a
 * build can write it to a file and the kernel can judge the plugin without running it.
 *
 * @throws Error when two parts claim one handler: found when the plugin is loaded, never at a call.
 */
export function definePlugin(init: PluginInit): Plugin {
  const handlers: Record<string, Handler> = {};
  const data = (kind: Part['kind']): unknown[] => parts.filter((part) => part.kind === kind).map((part) => part.data);
  const parts = init.parts ?? [];
  for (const part of parts) {
    for (const [id, handler] of Object.entries(part.handlers)) {
      if (Object.hasOwn(handlers, id)) throw new Error(`plugin ${init.id}: two parts claim ${id}`);
      handlers[id] = handler;
    }
  }
  const provides: Record<string, unknown> = {};
  for (const { id, ...service } of data('provide') as { id: string }[]) provides[id] = service;
  const jobs: Record<string, unknown> = {};
  for (const { name, data: job } of data('job') as { name: string; data: unknown }[]) jobs[name] = job;
  const manifest = {
    format: 1,
    id: init.id,
    version: init.version,
    engine: init.engine ?? `^${engineVersion}`,
    title: init.title,
    description: init.description,
    publisher: init.publisher,
    dependencies: init.dependencies ?? {},
    capabilities: init.capabilities ?? [],
    config: init.config,
    settings: init.settings,
    secrets: init.secrets ?? {},
    collections: init.collections ?? {},
    permissions: init.permissions ?? {},
    routes: data('route'),
    events: init.events ?? {},
    subscriptions: data('subscription'),
    hookPoints: init.hookPoints ?? {},
    hooks: data('hook'),
    jobs,
    provides,
    limits: init.limits ?? {},
    migrations: init.migrations ?? { drop: [] },
  };
  return { manifest: JSON.parse(JSON.stringify(manifest)) as Manifest, handlers, services: init.services ?? {} };
}

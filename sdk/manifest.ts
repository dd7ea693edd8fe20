import { Type, type Static } from 'typebox';

/**
 * The manifest: everything the kernel knows of a plugin before it runs a line of its code. It is
 * plain data; what is not declared here is refused.
 */

const closed = { additionalProperties: false };
const Id = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}$' });
const Name = Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,49}$' });
const Action = Type.String({ pattern: '^[a-z][a-z0-9-]{0,49}$' });
const Text = Type.String({ maxLength: 2000 });
/** A JSON Schema (draft 2020-12 subset; the kernel checks its keywords, size and depth). */
const JsonSchema = Type.Record(Type.String(), Type.Unknown());
/** An event, or every event of a namespace: `files.*`. */
const EventPattern = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}\\.([a-z][a-z0-9.-]{0,79}|\\*)$' });
/** `<namespace>.<past tense>`, e.g. `teams.member-joined`. */
const EventName = Type.String({ pattern: '^[a-z][a-z0-9-]{1,49}\\.[a-z][a-z0-9.-]{0,79}$' });

/** A collection: the schema of its records, and its indexes. The host adds `id`, `createdAt`, `updatedAt` and the tenant. */
export const CollectionManifest = Type.Object(
  {
    schema: JsonSchema,
    indexes: Type.Optional(Type.Array(Type.Array(Name, { minItems: 1, maxItems: 5 }), { maxItems: 16 })),
    unique: Type.Optional(Type.Array(Type.Array(Name, { minItems: 1, maxItems: 5 }), { maxItems: 8 })),
    /** Text fields that `$search` may look into; each has an index of its own over its first 131,072 characters. */
    search: Type.Optional(Type.Array(Name, { maxItems: 4, uniqueItems: true })),
  },
  closed,
);

/** Where the host finds the tenant of a public or user route: a token made by `ctx.links.sign`. */
export const TenantSource = Type.Object(
  { in: Type.Enum(['params', 'query', 'headers']), name: Type.String({ maxLength: 64 }), purpose: Action },
  closed,
);

/** How a route takes its body: JSON by a schema, raw bytes, one file of any size, or a multipart form whose files the host stores first. */
export const BodyManifest = Type.Union([
  Type.Object({ kind: Type.Literal('json'), schema: JsonSchema, maxBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 16_777_216 })) }, closed),
  Type.Object({ kind: Type.Literal('raw'), maxBytes: Type.Integer({ minimum: 1, maximum: 16_777_216 }) }, closed),
  /** The whole body, of any content type, is one file: `request.files[0]`. The deployment's own limit applies as well. */
  Type.Object({ kind: Type.Literal('upload'), maxBytes: Type.Integer({ minimum: 1 }) }, closed),
  Type.Object(
    {
      kind: Type.Literal('multipart'),
      /** Schema of the text fields; a field named `options` holding JSON is parsed. */
      fields: Type.Optional(JsonSchema),
      maxFiles: Type.Integer({ minimum: 1, maximum: 5000 }),
      /** Per file. The deployment's own limit applies as well. */
      maxBytes: Type.Integer({ minimum: 1 }),
      /** What a file above `maxBytes` does: ends the request with PAYLOAD_TOO_LARGE (the default), or is among `request.files` with an `error` and without content. */
      oversized: Type.Optional(Type.Enum(['refuse', 'report'])),
      /** Files go to `ctx.scratch`, each a session of its own until the request ends; their handles are for `ctx.scratch.keep`. Needs `scratch`. */
      ephemeral: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
]);

/** A route: path, who may call it, and the schemas of what goes in and out. */
export const RouteManifest = Type.Object(
  {
    /** `<resource>.<verb>`, unique within the plugin; the OpenAPI operation id is `<plugin>.<name>`. */
    name: Type.String({ pattern: '^[a-z][A-Za-z0-9.]{0,79}$' }),
    method: Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    /** Full path for a first-party plugin; third-party paths are below `/api/x/<id>` and start with `/`. */
    path: Type.String({ pattern: '^/[A-Za-z0-9_/:.-]*$', maxLength: 200 }),
    access: Type.Enum(['public', 'user', 'tenant', 'operator']),
    permission: Type.Optional(Type.String({ maxLength: 120 })),
    /** A public route runs for the tenant of its link; a `user` route too, as the signed-in user, who has no role there. */
    tenantFrom: Type.Optional(TenantSource),
    /** For `tenant` routes: the path parameter that names the tenant. Who is no member there gets NOT_FOUND, as if there were none. */
    tenantParam: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_]{1,50}$' })),
    summary: Type.Optional(Text),
    params: Type.Optional(JsonSchema),
    query: Type.Optional(JsonSchema),
    body: Type.Optional(BodyManifest),
    /** Status of a plain return value; default 200. */
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 299 })),
    response: Type.Optional(JsonSchema),
    /** Content types of a reply that is not JSON. */
    produces: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 8 })),
    /** A call that may be repeated after a crash; GET, PUT and DELETE are by nature. */
    idempotent: Type.Optional(Type.Boolean()),
    /** The handler is told which browser asks (`request.browser`), by a cookie that the host keeps and the plugin never sees. */
    browser: Type.Optional(Type.Boolean()),
    /** The reply holds a secret: it is never kept for `Idempotency-Key`. */
    secretReply: Type.Optional(Type.Boolean()),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 300_000 })),
  },
  closed,
);

/** An event that a plugin emits. */
export const EventManifest = Type.Object(
  {
    schema: JsonSchema,
    /** Public events may be subscribed to by other plugins. */
    public: Type.Boolean(),
    /** Name under which sockets see it, e.g. `team:member-joined`; the payload is sent as it is. */
    realtime: Type.Optional(Type.String({ pattern: '^[a-z]+:[a-z-]+$' })),
    description: Type.Optional(Text),
  },
  closed,
);

/** A durable subscription; needs `events:on:<event>` for events of others. */
export const SubscriptionManifest = Type.Object(
  { name: Action, event: EventPattern, retryLimit: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })), timeoutMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 900_000 })) },
  closed,
);

/** A point at which other plugins may patch or refuse what this plugin is about to do. */
export const HookPointManifest = Type.Object({ schema: JsonSchema, description: Type.Optional(Text) }, closed);

/** A before-hook of this plugin on another plugin’s hook point; needs `hooks:<point>`. */
export const HookManifest = Type.Object(
  {
    point: EventName,
    /** Lower runs first; ties by plugin id. */
    order: Type.Integer({ minimum: -1000, maximum: 1000 }),
    timeoutMs: Type.Integer({ minimum: 10, maximum: 10_000 }),
    /** What a hook that fails or times out does to the call: `open` goes on without it, `closed` refuses. */
    onFailure: Type.Enum(['open', 'closed']),
  },
  closed,
);

/** A job: what it takes, how often it is tried, and when it runs by itself. */
export const JobManifest = Type.Object(
  {
    schema: JsonSchema,
    retryLimit: Type.Integer({ minimum: 0, maximum: 20 }),
    /** Doubles with each retry, with jitter. */
    retryDelaySeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
    timeoutMs: Type.Integer({ minimum: 10, maximum: 3_600_000 }),
    /** Five fields, UTC unless `timeZone`; runs once per tenant that has the plugin. */
    cron: Type.Optional(Type.String({ maxLength: 100 })),
    timeZone: Type.Optional(Type.String({ maxLength: 60 })),
  },
  closed,
);

/** A service this plugin provides, by the contract others call it with. */
export const ServiceManifest = Type.Object(
  { version: Type.String({ maxLength: 40 }), methods: Type.Record(Name, Type.Object({ input: JsonSchema, output: JsonSchema, idempotent: Type.Optional(Type.Boolean()) }, closed)) },
  closed,
);

/** Budgets of one call and quotas of one tenant. What a third-party plugin asks for is capped by the deployment. */
export const Limits = Type.Object(
  {
    /** CPU time of one call. */
    cpuMs: Type.Integer({ minimum: 1, maximum: 60_000 }),
    /** Heap of the isolate. */
    memoryBytes: Type.Integer({ minimum: 8_388_608, maximum: 536_870_912 }),
    hostCalls: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** Bytes over the wall in one call, both ways, streams not counted. */
    bytes: Type.Integer({ minimum: 1024, maximum: 67_108_864 }),
    rows: Type.Integer({ minimum: 0 }),
    storedBytes: Type.Integer({ minimum: 0 }),
    kvEntries: Type.Integer({ minimum: 0 }),
    queuedJobs: Type.Integer({ minimum: 0 }),
    eventsPerMinute: Type.Integer({ minimum: 0 }),
    metricSeries: Type.Integer({ minimum: 0 }),
    /** Replies to `ctx.fetch` that may be open at once, over all calls of the tenant on one node. */
    connections: Type.Integer({ minimum: 0, maximum: 1000 }),
  },
  closed,
);

/** The whole manifest; extracted by the build, read by the kernel before any code runs. */
export const Manifest = Type.Object(
  {
    /** Version of the manifest format. */
    format: Type.Literal(1),
    id: Id,
    version: Type.String({ maxLength: 60 }),
    /** Semver range of the SDK's engine version. */
    engine: Type.String({ maxLength: 60 }),
    title: Type.String({ minLength: 1, maxLength: 100 }),
    description: Text,
    publisher: Type.Optional(Id),
    dependencies: Type.Record(Id, Type.Object({ range: Type.String({ maxLength: 100 }), optional: Type.Optional(Type.Boolean()) }, closed)),
    capabilities: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100, uniqueItems: true }),
    config: Type.Optional(JsonSchema),
    /** What the operator gives this plugin for the whole deployment; `config` is what each tenant sets. */
    settings: Type.Optional(JsonSchema),
    /**
     * Secrets a tenant sets, or, with `deployment`, the operator for all tenants; the host injects them as
     * `{{secret:<name>}}` into `ctx.fetch` headers to `hosts` only.
     */
    secrets: Type.Record(Name, Type.Object({ title: Text, hosts: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 20 }), readable: Type.Optional(Type.Boolean()), deployment: Type.Optional(Type.Boolean()) }, closed)),
    collections: Type.Record(Name, CollectionManifest),
    /** Actions of this plugin, as `<plugin>:<action>`, and the built-in roles that have them. */
    permissions: Type.Record(Action, Type.Object({ description: Text, roles: Type.Array(Type.Enum(['viewer', 'member', 'admin', 'owner'])) }, closed)),
    routes: Type.Array(RouteManifest, { maxItems: 200 }),
    events: Type.Record(EventName, EventManifest),
    subscriptions: Type.Array(SubscriptionManifest, { maxItems: 100 }),
    hookPoints: Type.Record(EventName, HookPointManifest),
    hooks: Type.Array(HookManifest, { maxItems: 50 }),
    jobs: Type.Record(Action, JobManifest),
    provides: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]*\\.[a-z][A-Za-z0-9-]*$' }), ServiceManifest),
    limits: Type.Partial(Limits),
    /** Destructive steps named by the author: `<collection>` or `<collection>.<field>`. */
    migrations: Type.Object({ drop: Type.Array(Type.String({ maxLength: 120 })) }, closed),
  },
  { additionalProperties: false, $id: 'https://proofpix.dev/manifest-1.json' },
);

/** See the schema of the same name. */
export type Manifest = Static<typeof Manifest>;
/** See the schema of the same name. */
export type CollectionManifest = Static<typeof CollectionManifest>;
/** See the schema of the same name. */
export type RouteManifest = Static<typeof RouteManifest>;
/** See the schema of the same name. */
export type BodyManifest = Static<typeof BodyManifest>;
export type TenantSource = Static<typeof TenantSource>;
/** See the schema of the same name. */
export type EventManifest = Static<typeof EventManifest>;
/** See the schema of the same name. */
export type SubscriptionManifest = Static<typeof SubscriptionManifest>;
export type HookPointManifest = Static<typeof HookPointManifest>;
/** See the schema of the same name. */
export type HookManifest = Static<typeof HookManifest>;
/** See the schema of the same name. */
export type JobManifest = Static<typeof JobManifest>;
/** See the schema of the same name. */
export type ServiceManifest = Static<typeof ServiceManifest>;
/** See the schema of the same name. */
export type Limits = Static<typeof Limits>;

/** Version of the engine that plugins name in `engine`. */
export const engineVersion = '1.0.0';

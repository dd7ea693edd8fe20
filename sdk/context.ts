import type { TSchema, Static, TObject } from 'typebox';
import type { AggregateQuery, Filter, FindQuery, Page, Patch } from './filter.ts';
import type { Json, JsonObject } from './json.ts';
import type { ServiceRef, ServiceClient } from './service.ts';

/** What the host adds to every record. `createdAt` and `updatedAt` are RFC 3339 UTC. */
export type RecordBase = {
  /** UUID version 7 (RFC 9562): sorts by creation. */
  id: string;
  createdAt: string;
  updatedAt: string;
};

/** A record as the host gives it back. */
export type Stored<R> = R & RecordBase;

/**
 * A collection of the current tenant. Every call may throw `VALIDATION_ERROR` (unknown field or
 * operator, wrong type; `details.field`, `details.issue`), `CONFLICT` (a unique index;
 * `details.fields`), `QUOTA_EXCEEDED` and `DEADLINE_EXCEEDED`.
 */
export interface Collection<R> {
  find(query?: FindQuery<Stored<R>>): Promise<Page<Stored<R>>>;
  findOne(where: Filter<Stored<R>>): Promise<Stored<R> | null>;
  get(id: string): Promise<Stored<R> | null>;
  count(where?: Filter<Stored<R>>): Promise<number>;
  /** `id` may be given, to make a retry harmless. */
  insert(record: R & { id?: string }): Promise<Stored<R>>;
  /** At most 1,000 records, all or none, one statement. */
  insertMany(records: readonly (R & { id?: string })[]): Promise<Stored<R>[]>;
  /** By id: the new record, or null when there is none. */
  update(id: string, patch: Patch<R>): Promise<Stored<R> | null>;
  /** By filter: how many records changed. */
  update(where: Filter<Stored<R>>, patch: Patch<R>): Promise<number>;
  /** Inserts, or replaces the record that has the same values in `on`, which must be a declared unique. */
  upsert(record: R, on: readonly Extract<keyof R, string>[]): Promise<Stored<R>>;
  delete(id: string): Promise<boolean>;
  delete(where: Filter<Stored<R>>): Promise<number>;
  aggregate(query: AggregateQuery<Stored<R>>): Promise<JsonObject[]>;
}

/** Collections by name, as {@link pluginKit} takes them. */
export type CollectionSchemas = Record<string, { schema: TObject }>;
/** `ctx.db`’s collections, typed by their schemas. */
export type Collections<C extends CollectionSchemas> = { readonly [K in keyof C]: Collection<Static<C[K]['schema']>> };

/** Tagged-template SQL on the plugin's own collections: one SELECT, INSERT, UPDATE or DELETE; values are bound. */
export type Sql = <Row = JsonObject>(strings: TemplateStringsArray, ...values: Json[]) => Promise<Row[]>;

/** What takes part in a transaction: all of it commits, or none. */
export interface TransactionContext<C extends CollectionSchemas> {
  db: Collections<C>;
  sql: Sql;
  events: EventEmitter;
  jobs: Pick<Jobs, 'send'>;
  /** Audit entries that are appended when the transaction commits. */
  auth: Pick<Auth, 'audit'>;
}

/** `ctx.db`: the plugin’s own collections in the current tenant. */
export type Database<C extends CollectionSchemas> = Collections<C> & {
  /**
   * Runs `fn` in one transaction with a deadline (10 s at the most). Throwing rolls back. `ctx.fetch`
   * is refused while it is open; transactions do not nest.
   */
  transaction<T>(fn: (tx: TransactionContext<C>) => Promise<T>): Promise<T>;
};

/** Small values of this plugin and tenant. A key has at most 256 characters, a value at most 64 KiB as JSON. */
export interface KeyValue {
  get<T extends Json = Json>(key: string): Promise<T | null>;
  set(key: string, value: Json, options?: { ttlSeconds?: number }): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Atomic; a missing key counts as 0. `ttlSeconds` applies when the key is made. */
  increment(key: string, by?: number, options?: { ttlSeconds?: number }): Promise<number>;
}

/** A file in the tenant’s storage. */
export interface StoredFile {
  /** Opaque, of this plugin and tenant. */
  id: string;
  sizeBytes: number;
  /** Lower-case hex SHA-256 of the content. */
  sha256: string;
  /** From the content where it can be told, else as declared. */
  mimeType: string;
  /** What the writer said it was. */
  declaredType: string | null;
}

/** A file of a multipart request, or the body of an `upload` route. It is dropped when the call ends unless it is kept. */
export interface UploadedFile extends Omit<StoredFile, 'id'> {
  /** For `ctx.files.keep` or `ctx.files.read`, within this call. */
  handle: string;
  field: string;
  /** As the client sent it, base name only, control characters removed. */
  filename: string;
  /**
   * Of an `upload` body only: false when the client broke off, and this is what had arrived. The handler runs all the
   * same, so that the client can go on from there later; its reply goes nowhere.
   */
  complete?: boolean;
  /** Of a form with `oversized: 'report'`: why this file was not stored (`PAYLOAD_TOO_LARGE`). Its handle is empty, its size 0. */
  error?: { code: string; message: string };
}

/** Content as it crosses the wall: chunks of at most 256 KiB. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Files: `files:read` and `files:write`. A `file` argument is an own file's id or a handle. */
export interface Files {
  write(content: Bytes | Uint8Array, options?: { mimeType?: string }): Promise<StoredFile>;
  /** `end` is exclusive. Missing bytes are no error: the stream is shorter. */
  read(file: string, range?: { start?: number; end?: number }): Bytes;
  stat(file: string): Promise<StoredFile>;
  /** Makes an uploaded or shared file this plugin's own. */
  keep(handle: string): Promise<StoredFile>;
  /** A handle that another plugin of this tenant may read until it expires (1 to 86,400 seconds). */
  share(file: string, options: { ttlSeconds: number }): Promise<string>;
  delete(id: string): Promise<void>;
}

/** A session of `ctx.scratch`. */
export interface ScratchSession {
  /** Opaque; says nothing of what is inside, so it may be stored. */
  id: string;
  /** RFC 3339. */
  expiresAt: string;
}

/**
 * `ctx.scratch` [`scratch`]: content that must leave no trace. A session has a key in the memory of one server process
 * and nowhere else; what it holds is on disk as ciphertext only. When the session ends, by {@link end}, by its time or
 * with the process, nobody can read it any more. Content, names and what was found belong into the session, never into
 * collections, events, jobs, logs or errors.
 *
 * Errors: NOT_FOUND for a session that has ended or is on another node, QUOTA_EXCEEDED, UNAVAILABLE.
 */
export interface Scratch {
  /** A new session on this node. `ttlSeconds` is 1 to 3,600. */
  create(options: { ttlSeconds: number }): Promise<ScratchSession>;
  /** Makes an uploaded file of an `ephemeral` form a session of its own; it has the file under the name `upload`. */
  keep(handle: string, options: { ttlSeconds: number }): Promise<ScratchSession & { file: StoredFile }>;
  /** Writes a file of the session, in place of one with the same name; at most 32 files. */
  write(session: string, name: string, content: Bytes | Uint8Array, options?: { mimeType?: string }): Promise<StoredFile>;
  read(session: string, name: string): Bytes;
  /** A handle for `ctx.files.read` and `stat` of a service that is called {@link confined}; it opens nowhere else. 1 to 3,600 seconds. */
  share(session: string, name: string, options: { ttlSeconds: number }): Promise<string>;
  /** `elsewhere`: on another server process that is alive; `gone`: ended, or its process has. */
  state(session: string): Promise<'here' | 'elsewhere' | 'gone'>;
  /**
   * Runs one of the plugin's jobs on this node soon, once, for as long as the session lives: nothing of it is stored, it
   * is not retried, and `ctx.jobs` does not know it. Its job's `timeoutMs` counts.
   */
  run(session: string, job: string, data: JsonObject): Promise<void>;
  /** Ends the session wherever it is; another node is told and follows within seconds. Ending twice is no error. */
  end(session: string): Promise<void>;
}

/** `ctx.events`: durable events, at least once, in no guaranteed order between subscribers. */
export interface EventEmitter {
  /**
   * Emits a durable event declared in the manifest under the plugin's own id. Subscribers get it at
   * least once, with the same `id`. Inside a transaction it is emitted if that commits.
   */
  emit(name: string, payload: JsonObject): Promise<{ id: string }>;
}

/** `ctx.hooks`: lets other plugins patch or refuse what this one is about to do. */
export interface Hooks {
  /** Runs the hooks of one of this plugin's points in order; returns the patched payload, or throws what a hook refused with. */
  run<T extends JsonObject>(point: string, payload: T): Promise<T>;
}

/** When and how often a job is sent. */
export interface SendOptions {
  /** Not before then: RFC 3339 or seconds from now. */
  startAfter?: string | number;
  /** At most one job with this key waits at a time; a second send returns the first one's id. */
  singletonKey?: string;
}

/** A job as its plugin sees it, for as long as the host keeps it (seven days after its end). */
export interface JobStatus {
  id: string;
  name: string;
  state: 'queued' | 'active' | 'retrying' | 'completed' | 'failed' | 'cancelled';
  /** 0 to 1. */
  progress: number;
  note: string | null;
  attempt: number;
  result: Json;
  error: { code: string; message: string } | null;
}

/** Jobs of the manifest: `jobs`. Each runs at least once; after its last retry it is kept as a dead letter. */
export interface Jobs {
  send(name: string, data: JsonObject, options?: SendOptions): Promise<string>;
  status(id: string): Promise<JobStatus | null>;
  cancel(id: string): Promise<boolean>;
  /** Inside a job: `fraction` from 0 to 1. Writes at most a few times a second; the last value always lands. */
  progress(fraction: number, note?: string): Promise<void>;
}

/** Which sockets of the tenant a message goes to. */
export type RealtimeTarget = { user: string } | { tenant: true } | { room: string };

/** Sockets of this tenant: `realtime`. Event names are `<word>:<word>`. */
export interface Realtime {
  publish(target: RealtimeTarget, event: string, data: JsonObject): Promise<void>;
}

/** Options of `ctx.fetch`. */
export interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** 1 to 60,000; default 10,000. */
  timeoutMs?: number;
  /** Largest reply that is read; default 1 MiB, at most 32 MiB. */
  maxBytes?: number;
  /** How many redirects to follow, each checked like the first address; default 0, at most 5. */
  redirects?: number;
}

/** A reply to `ctx.fetch`. Its body is read once: by `text`, `json` or `body`. */
export interface FetchResponse {
  status: number;
  headers: Record<string, string>;
  text(): Promise<string>;
  json(): Promise<Json>;
  body: Bytes;
}

/**
 * Outbound HTTP, done by the host: `net:<METHOD> https://host/path*` or `net:public`. Throws
 * `FORBIDDEN` (address or method not granted, a private address), `EGRESS_FAILED` and
 * `DEADLINE_EXCEEDED`. `{{secret:<name>}}` in a header value is replaced by the host.
 */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchResponse>;

/**
 * `ctx.secrets`: per tenant, encrypted at rest; only names declared in the manifest. One declared
 * `deployment` is the operator's: the same for every tenant, and not to be set.
 */
export interface Secrets {
  /** True when the tenant, or for one declared `deployment` the operator, has set it. */
  has(name: string): Promise<boolean>;
  /** Only secrets declared `readable`; others are for `ctx.fetch` alone. */
  get(name: string): Promise<string | null>;
  set(name: string, value: string | null): Promise<void>;
}

/** `ctx.vault`: encryption and password hashes by the host, so that no plugin keeps a key. Needs no capability. */
export interface PluginVault {
  /**
   * Encrypts a text for this tenant and plugin, for the plugin to keep wherever it likes: authenticated (AES-256-GCM),
   * base64url, different each time. The same `context` (1 to 200 characters, such as the record's id and field) opens
   * it again, so that a value moved elsewhere does not. Deleting the tenant's data makes all of it unreadable.
   *
   * @param plain at most 64 KiB of UTF-8
   * @throws VALIDATION_ERROR
   */
  seal(plain: string, context: string): Promise<string>;
  /** @throws SEAL_INVALID for a value that was changed, or sealed for another tenant, plugin or context */
  open(sealed: string, context: string): Promise<string>;
  /**
   * A bcrypt hash, about a quarter of a second. Passwords longer than bcrypt's 72 bytes count in full.
   *
   * @throws VALIDATION_ERROR unless it has 1 to 1,024 characters and no control characters; UNAVAILABLE when too many wait
   */
  hashPassword(password: string): Promise<string>;
  /** False for null, or what is no hash, after as long as for a wrong password. @throws UNAVAILABLE when too many wait */
  verifyPassword(password: string, hash: string | null): Promise<boolean>;
}

/** Who is behind a call. `system` is work that nobody asked for, such as a cron job. */
export interface Principal {
  kind: 'user' | 'api-key' | 'system' | 'public';
  userId: string | null;
  /** The API key or session. */
  credentialId: string | null;
  operator: boolean;
}

/** `ctx.auth`: who is asking, and what they may do. Scope: one call. */
export interface Auth {
  readonly tenantId: string;
  readonly principal: Principal;
  /** What a public route's link token carried. */
  readonly link: { purpose: string; id: string } | null;
  /** Whether the principal has `<plugin>:<action>`; deny by default. */
  can(permission: string, resource?: { ownerId?: string }): Promise<boolean>;
  /** Like {@link can}, but throws FORBIDDEN naming the permission. */
  require(permission: string, resource?: { ownerId?: string }): Promise<void>;
  /** Appends to the tenant's audit chain. */
  audit(entry: { action: string; target?: string; details?: JsonObject }): Promise<void>;
}

/** `ctx.links`: tokens for public routes. */
export interface Links {
  /** An unguessable token, bound to this plugin and tenant, by which a public route finds its tenant. */
  sign(link: { purpose: string; id: string; expiresInSeconds?: number }): Promise<string>;
}

/** `ctx.log`: structured lines with plugin, tenant and trace; at most 200 a call, the rest is dropped. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** `ctx.metrics`: series per plugin and tenant. Names are snake case with their unit last. */
export interface Metrics {
  /** Adds to a counter. Labels make series; the plugin's `metricSeries` limit bounds them. */
  count(name: string, by?: number, labels?: Record<string, string>): void;
  gauge(name: string, value: number, labels?: Record<string, string>): void;
  /** Observes a value, by convention in the unit its name ends with. */
  observe(name: string, value: number, labels?: Record<string, string>): void;
}

/** `ctx.clock`: the host’s time. Scope: one call. */
export interface Clock {
  /**
   * Milliseconds since the epoch, as the host last told: it moves with every reply of the host and
   * stands still between, so that a recorded call can be replayed.
   */
  now(): number;
  date(): Date;
}

/** Deterministic given the call's seed, which the host draws from its cryptographic generator. */
export interface Random {
  /** 0 inclusive to 1 exclusive, 53 bits. */
  number(): number;
  /** 1 to 65,536 bytes, fit for tokens. */
  bytes(length: number): Uint8Array;
  /** UUID version 4 (RFC 9562). */
  uuid(): string;
}

/** FIPS 180-4 and RFC 1321. `sha1` and `md5` are for formats of others, not for security. */
export type HashAlgorithm = 'sha256' | 'sha512' | 'sha1' | 'md5';

/** Synchronous primitives, the same in both runtimes. Strings are taken as UTF-8. */
export interface Crypto {
  hash(algorithm: HashAlgorithm, data: string | Uint8Array): Uint8Array;
  hmac(algorithm: HashAlgorithm, key: string | Uint8Array, data: string | Uint8Array): Uint8Array;
  /** RFC 8032. Raw 32-byte keys; a private key is the seed. */
  ed25519Sign(privateKey: Uint8Array, data: string | Uint8Array): Uint8Array;
  ed25519Verify(publicKey: Uint8Array, data: string | Uint8Array, signature: Uint8Array): boolean;
  /** Constant time for equal lengths. */
  timingSafeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean;
}

/** Services by the name under which `ctx.services` has them. */
export type ServiceRefs = Record<string, ServiceRef>;

/** What a handler is given: everything it may do, for one tenant, one principal and one call. */
export interface Context<C extends CollectionSchemas = CollectionSchemas, Config = JsonObject, S extends ServiceRefs = ServiceRefs, Settings = JsonObject> {
  readonly plugin: { readonly id: string; readonly version: string };
  readonly traceId: string;
  /** Aborted at the deadline, on cancellation and when the client has gone. */
  readonly signal: { readonly aborted: boolean };
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /**
   * This call works on content that must leave no trace (see {@link confined}): the host refuses whatever would keep it or
   * send it out, and drops log lines and metrics. Code with native parts has to hold to it by itself: no temporary files.
   */
  readonly confined: boolean;
  readonly db: Database<C>;
  readonly sql: Sql;
  readonly kv: KeyValue;
  readonly files: Files;
  readonly scratch: Scratch;
  readonly events: EventEmitter;
  readonly hooks: Hooks;
  readonly jobs: Jobs;
  readonly realtime: Realtime;
  readonly services: { readonly [K in keyof S]: ServiceClient<S[K]> };
  readonly fetch: Fetch;
  readonly secrets: Secrets;
  readonly vault: PluginVault;
  /** What the tenant configured, completed with the schema's defaults. */
  readonly config: Readonly<Config>;
  /** What the operator gave this plugin, for all tenants alike; no tenant can change it. Without a declared schema it is empty. */
  readonly settings: Readonly<Settings>;
  readonly auth: Auth;
  readonly links: Links;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
}

/** What a route handler is given of the request. */
export interface RouteRequest<P = Record<string, string>, Q = Record<string, unknown>, B = unknown> {
  params: P;
  query: Q;
  /** The JSON body, or a multipart request's text fields. */
  body: B;
  /** Lower-case names; `authorization`, `cookie` and `x-api-key` are never passed on. */
  headers: Record<string, string>;
  files: UploadedFile[];
  /** The bytes of a `raw` body. */
  raw: Uint8Array | null;
  /**
   * On a route that declares `browser`: the same opaque text whenever this browser asks, different for every plugin.
   * Null on other routes. It says which browser asks, never who: a client without cookies is a new one each time.
   */
  browser: string | null;
}

export type { TSchema };

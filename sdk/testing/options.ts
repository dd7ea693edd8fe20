import type { FetchInit, Principal } from '../context.ts';
import type { HookResult } from '../define-plugin.ts';
import type { Json, JsonObject } from '../json.ts';
import type { HostPort, Invocation } from '../runtime/port.ts';

/** A member's built-in role in a tenant. */
export type Role = 'viewer' | 'member' | 'admin' | 'owner';

/** Who asks, and for which tenant. */
export interface Identity {
  /** UUID; default {@link defaultTenantId}. */
  tenantId?: string;
  /** UUID; null for nobody. Default {@link defaultUserId}. */
  userId?: string | null;
  /** Default `user`; `public` when `userId` is null. */
  kind?: Principal['kind'];
  /** Decides the plugin's own permissions as its manifest gives them to roles; default `owner`, null for no role. */
  role?: Role | null;
  /** Permissions of other plugins, or of this one without a role: `<plugin>:<action>`. */
  permissions?: readonly string[];
  operator?: boolean;
}

/** The tenant of a test that names none. */
export const defaultTenantId = '018f0000-0000-7000-8000-00000000000a';
/** The user of a test that names none. */
export const defaultUserId = '018f0000-0000-7000-8000-00000000000b';

/** A request as it would leave the host, secrets filled in. */
export interface OutboundRequest {
  method: string;
  url: URL;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Uint8Array | null;
}

/** What the world answers to `ctx.fetch`: `json`, or `body`. */
export interface OutboundReply {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  json?: Json;
  body?: string | Uint8Array;
}

/** Answers `ctx.fetch`; throw to make it fail with EGRESS_FAILED. */
export type FetchStub = (request: OutboundRequest, init: FetchInit) => OutboundReply | Promise<OutboundReply>;

/** Methods of a service of another plugin, by the service's id: `{ 'files.documents': { open: async (input) => … } }`. */
export type ServiceStubs = Readonly<Record<string, Readonly<Record<string, (input: never) => unknown>>>>;

/** What other plugins hooked into this plugin's points do. */
export type HookStubs = Readonly<Record<string, (payload: never) => HookResult<JsonObject> | Promise<HookResult<JsonObject>>>>;

/** What surrounds the plugin under test. */
export interface HarnessOptions {
  /** Who asks when nothing else is said. */
  as?: Identity;
  /** The tenant's configuration, completed with the schema's defaults and checked. */
  config?: JsonObject;
  /** What the operator gives the plugin, checked against its `settings` schema. */
  settings?: JsonObject;
  secrets?: Readonly<Record<string, string>>;
  /** Capabilities granted; default all that the manifest asks for. Leave some out to test refusals. */
  granted?: readonly string[];
  services?: ServiceStubs;
  hooks?: HookStubs;
  fetch?: FetchStub;
  /** Answers `ctx.sql`, which needs PostgreSQL: the text has `$1`, `$2`, … */
  sql?: (text: string, values: readonly Json[]) => readonly JsonObject[] | Promise<readonly JsonObject[]>;
  /** Milliseconds since the epoch; default 2026-01-01T00:00:00Z. */
  nowMs?: number;
  /** Same seed, same ids and random numbers; default `proofpix`. */
  seed?: string;
  /** Runs a handler elsewhere than in this process, which is the default: a host gives its sandbox. */
  dispatch?: (invocation: Invocation, port: HostPort) => Promise<Json>;
}

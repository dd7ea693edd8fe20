import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Json, Manifest, RouteManifest } from '@proofpix/sdk';
import type { ReplyWire, RouteInputWire } from '@proofpix/sdk/runtime';
import type { Identity } from '../auth/contract.ts';

/** What the root knows of a request when it hands it to a cell. */
export interface RequestScope {
  requestId: string;
  traceId: string;
  identity: Identity | null;
  /** Null only for a public route that runs without tenant data. */
  tenantId: string | null;
  link: { purpose: string; id: string } | null;
  signal: AbortSignal;
  /** Real client address, after TRUST_PROXY. */
  ip: string;
}

/** A built cell: the routes of one plugin version as an unlistened Fastify instance. */
export interface Cell {
  readonly pluginId: string;
  readonly version: string;
  /** Whether the version has a route for this, and which: for access checks before the hand-over. */
  match(method: string, path: string): { route: RouteManifest; params: Record<string, string> } | null;
  /**
   * Keeps the cell from being freed until the returned function is called: between finding the cell and
   * handing over, the root still waits for permission checks.
   */
  hold(): () => void;
  /**
   * Hands the raw request over, for the route whose access was checked and for no other. Counts it as in
   * flight until the reply is closed. `headers` are the root's own, for every reply.
   */
  handle(scope: RequestScope, route: RouteManifest, request: IncomingMessage, response: ServerResponse, headers: Readonly<OutgoingHttpHeaders>): void;
  inFlight(): number;
  /** Resolves when no request is in flight any more, or at the deadline; then frees the instance. */
  drain(timeoutMs: number): Promise<void>;
}

/** What runs behind a cell's routes. */
export interface CellBackend {
  invoke(scope: RequestScope, route: RouteManifest, input: RouteInputWire): Promise<ReplyWire>;
  /** Streams for multipart bodies and file replies; bound to the plugin and the scope's tenant. */
  upload(scope: RequestScope, init: { field: string; filename: string; declaredType: string | null; maxBytes: number; ephemeral: boolean }, content: AsyncIterable<Uint8Array>): Promise<Record<string, Json>>;
  /** Drops the uploads of a finished request that were not kept. */
  discard(scope: RequestScope, handles: readonly string[]): Promise<void>;
  file(scope: RequestScope, id: string): Promise<{ sizeBytes: number; sha256: string; mimeType: string; open(range: { start: number; end: number | null }): Promise<AsyncIterable<Uint8Array>> }>;
}

/** Which plugin owns which path, and which cell serves it for whom. Answered by the plugins module. */
export interface CellDirectory {
  /** The plugin that owns the path's prefix: `/api/files/…`, `/api/x/<id>/…`. */
  ownerOf(path: string): string | null;
  /** The cell of the version this tenant runs (null tenant: the deployment's version); null when disabled or absent. */
  cellFor(pluginId: string, tenantId: string | null): Cell | null;
  /** Manifests enabled for a caller, for `/openapi.json`. */
  manifestsFor(identity: Identity | null): readonly Manifest[];
  /** Verifies a link token of a public route. */
  verifyLink(pluginId: string, purpose: string, token: string): { tenantId: string; id: string } | null;
}

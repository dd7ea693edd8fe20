import { Forbidden, NotFound, PayloadTooLarge, statusOfKind, toWireError, Unauthorized, ValidationError, type WireError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { RouteManifest } from '../manifest.ts';
import { fromBase64, toBase64 } from '../runtime/encoding.ts';
import type { ReplyWire, RouteInputWire } from '../runtime/port.ts';
import { hasPermission, readLink } from './host/auth.ts';
import { contentOf, fileContent } from './host/files.ts';
import type { Invoke } from './invoke.ts';
import { matchRoute } from './match-route.ts';
import type { Identity } from './options.ts';
import { requireHonest, requireValid, schemaCompiler } from './schema-check.ts';
import type { HarnessState } from './state.ts';

/** A file of a multipart request. */
export interface UploadInit {
  field: string;
  filename?: string;
  /** What the client says it is. */
  mimeType?: string;
  content: Uint8Array | string;
}

/** A request beside its method and path. */
export interface RequestInit {
  as?: Identity;
  query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  headers?: Readonly<Record<string, string>>;
  /** Which browser asks, for routes that declare `browser`. */
  browser?: string;
  /** JSON body, or the text fields of a multipart request. */
  body?: unknown;
  /** Files of a multipart request. */
  files?: readonly UploadInit[];
  /** Bytes of a raw body. */
  raw?: Uint8Array | string;
  /** Body of an `upload` route; its type is the content-type header. */
  upload?: Uint8Array | string;
  /** False: the client breaks off after `upload`. The reply is what the client would not have seen. */
  complete?: boolean;
}

/** A reply as a client would get it; one of `body`, `text` and `bytes` is set. */
export interface Response {
  status: number;
  headers: Record<string, string>;
  /** The JSON of the reply, or of the error: `{error, message, details, requestId}`. Null when the reply is something else. */
  // A test reads whatever it expects to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  text: string | null;
  /** Bytes of a binary reply or of a file. */
  bytes: Uint8Array | null;
}

const coercing = schemaCompiler({ coerceTypes: 'array', useDefaults: true });
const defaulting = schemaCompiler({ useDefaults: true });
const trimming = schemaCompiler({ removeAdditional: true });
/** Never passed on to a plugin. */
const privateHeaders = new Set(['authorization', 'cookie', 'x-api-key']);

function admit(state: HarnessState, route: RouteManifest, identity: Identity, params: Record<string, string>, headers: Record<string, string>): void {
  if (route.access === 'public') return;
  if (identity.userId === null) throw Unauthorized();
  if (route.tenantParam !== undefined) {
    const named = (params[route.tenantParam] ?? '').toLowerCase();
    const header = headers['x-team-id'] ?? '';
    if (header !== '' && header.toLowerCase() !== named) throw ValidationError({ message: 'X-Team-Id names another team than the path.', details: { field: 'headers.x-team-id', issue: 'differs from the path' } });
    // an identity of the harness is a member of one tenant
    if (named !== identity.tenantId) throw NotFound();
  }
  if (route.access === 'operator' && identity.operator !== true) throw Forbidden({ message: 'Only an operator may do this.' });
  if (route.permission !== undefined && !hasPermission(state.plugin.manifest, identity, route.permission)) throw Forbidden({ message: `The permission ${route.permission} is required.`, details: { permission: route.permission } });
}

async function uploadsOf(state: HarnessState, callId: string, tenantId: string, route: RouteManifest, files: readonly UploadInit[]): Promise<JsonObject[]> {
  const body = route.body?.kind === 'multipart' ? route.body : null;
  if (body === null && files.length > 0) throw ValidationError({ message: 'This route takes no files.' });
  if (body !== null && files.length > body.maxFiles) throw ValidationError({ message: `This route takes at most ${body.maxFiles} files.`, details: { field: 'files', issue: `at most ${body.maxFiles}` } });
  return Promise.all(
    files.map(async ({ field, filename = 'file.bin', mimeType = null, content }, at) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const name = filename.split(/[/\\]/).at(-1) ?? filename;
      if (body !== null && bytes.length > body.maxBytes) {
        const refusal = PayloadTooLarge({ message: 'A file is too large.', details: { field: `body.${field}`, maxBytes: body.maxBytes } });
        if (body.oversized !== 'report') throw refusal;
        return { handle: '', field, filename: name, declaredType: mimeType, mimeType: mimeType ?? 'application/octet-stream', sizeBytes: 0, sha256: '', error: { code: refusal.code, message: refusal.message } } as unknown as JsonObject;
      }
      const stored = await fileContent(state, tenantId, bytes, mimeType);
      const handle = `upload-${callId}-${at}`;
      state.handles.set(handle, { content: stored, expiresMs: null, callId });
      const { id: _id, ...facts } = stored.file;
      return { ...facts, handle, field, filename: name } as unknown as JsonObject;
    }),
  );
}

/** The one file of an `upload` body. */
async function uploadOf(state: HarnessState, callId: string, tenantId: string, maxBytes: number, { upload = '', headers = {}, complete = true }: RequestInit): Promise<JsonObject[]> {
  const bytes = typeof upload === 'string' ? Buffer.from(upload) : upload;
  if (bytes.length > maxBytes) throw PayloadTooLarge({ message: 'The body is too large.', details: { field: 'body', maxBytes } });
  const declared = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? null;
  const stored = await fileContent(state, tenantId, bytes, declared);
  const handle = `upload-${callId}-0`;
  state.handles.set(handle, { content: stored, expiresMs: null, callId });
  const { id: _id, ...facts } = stored.file;
  return [{ ...facts, handle, field: 'body', filename: '', complete } as unknown as JsonObject];
}

function bodyOf(route: RouteManifest, init: RequestInit): Json {
  const { body: declared } = route;
  if (declared === undefined || declared.kind === 'raw' || declared.kind === 'upload') return null;
  const given = structuredClone(init.body ?? null) as Json;
  if (declared.kind === 'json') {
    requireValid(declared.schema, given, 'body', defaulting);
    return given;
  }
  const fields = { ...(given as Record<string, Json> | null) };
  if (typeof fields.options === 'string') fields.options = JSON.parse(fields.options) as Json;
  if (declared.fields !== undefined) requireValid(declared.fields, fields, 'body', coercing);
  return fields;
}

function inputOf(route: RouteManifest, params: Record<string, string>, query: Record<string, unknown>, init: RequestInit, files: JsonObject[]): RouteInputWire {
  if (route.params !== undefined) requireValid(route.params, params, 'params', coercing);
  if (route.query !== undefined) requireValid(route.query, query, 'query', coercing);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(init.headers ?? {})) if (!privateHeaders.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  const raw = init.raw === undefined ? null : typeof init.raw === 'string' ? Buffer.from(init.raw) : init.raw;
  return { params, query: query as JsonObject, body: bodyOf(route, init), headers, files, rawBase64: route.body?.kind === 'raw' ? toBase64(raw ?? new Uint8Array()) : null, browser: route.browser === true ? (init.browser ?? 'a browser') : null };
}

function queryOf(url: URL, init: RequestInit): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const all = url.searchParams.getAll(name);
    query[name] = all.length === 1 ? all[0] : all;
  }
  for (const [name, value] of Object.entries(init.query ?? {})) query[name] = Array.isArray(value) ? [...value] : String(value as string);
  return query;
}

function responseOf(state: HarnessState, route: RouteManifest, tenantId: string, callId: string, wire: ReplyWire): Response {
  const status = wire.status ?? route.status ?? 200;
  const headers = Object.fromEntries(Object.entries(wire.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  if (wire.file !== undefined) {
    const { file, bytes } = contentOf(state, tenantId, callId, wire.file.id);
    const disposition = `${wire.file.inline === true ? 'inline' : 'attachment'}${wire.file.filename === undefined ? '' : `; filename="${wire.file.filename}"`}`;
    return { status, headers: { 'content-type': wire.file.mimeType ?? file.mimeType, 'content-disposition': disposition, ...headers }, body: null, text: null, bytes };
  }
  if (wire.base64 !== undefined) return { status, headers, body: null, text: null, bytes: fromBase64(wire.base64) };
  if (wire.text !== undefined) return { status, headers, body: null, text: wire.text, bytes: null };
  const body = wire.json ?? null;
  if (route.response !== undefined && status < 300) {
    // Fields the schema does not know are dropped on the way out, as the host's serializer does.
    trimming.compile(route.response)(body);
    requireHonest(route.response, body, `The reply of ${route.name}`);
  }
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body, text: null, bytes: null };
}

function errorResponse(error: WireError, requestId: string): Response {
  const { code, kind, message, details, retryAfterSeconds } = error;
  const body = { error: code, message, ...(details === undefined ? {} : { details }), requestId, ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }) };
  return { status: statusOfKind[kind], headers: { 'content-type': 'application/json; charset=utf-8', ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }) }, body, text: null, bytes: null };
}

/** Who a public route runs for: the tenant its link names. */
function linkOf(state: HarnessState, route: RouteManifest, input: { params: Record<string, string>; query: Record<string, unknown>; headers: Record<string, string> }): { tenantId: string; link: { purpose: string; id: string } } | null {
  const from = route.tenantFrom;
  if (from === undefined) return null;
  const token = String(input[from.in][from.in === 'headers' ? from.name.toLowerCase() : from.name] ?? '');
  const found = readLink(token, from.purpose, state.clock.now());
  if (found === null) throw NotFound();
  return { tenantId: found.tenantId, link: { purpose: found.purpose, id: found.id } };
}

/**
 * Makes requests as the kernel's HTTP side would: route, access, permission, schemas, handler, reply.
 * A PluginError becomes the error contract; anything else a handler throws is a bug and is thrown on.
 */
export function requester(state: HarnessState, invoke: Invoke, resolve: (identity?: Identity) => Required<Identity>) {
  return async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(path, 'http://harness.invalid');
    const prefix = `/api/x/${state.plugin.manifest.id}`;
    const local = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
    const call = { id: state.ids.record() };
    const identity = resolve(init.as);
    try {
      // GET answers HEAD as well
      const wanted = method === 'HEAD' ? 'GET' : method;
      const match = matchRoute(state.plugin.manifest.routes, wanted, url.pathname) ?? matchRoute(state.plugin.manifest.routes, wanted, local);
      if (match === null) throw NotFound({ message: `There is no route ${method} ${url.pathname}.` });
      const { route, params } = match;
      const sent = Object.fromEntries(Object.entries(init.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
      admit(state, route, identity, params, sent);
      const query = queryOf(url, init);
      const found = linkOf(state, route, { params, query, headers: sent });
      const guest = route.access === 'user' && found !== null ? { ...identity, tenantId: found.tenantId, role: null } : identity;
      const caller = route.access === 'public' ? { ...identity, kind: 'public' as const, userId: null, role: null, ...(found === null ? {} : { tenantId: found.tenantId }) } : guest;
      const files = route.body?.kind === 'upload' ? await uploadOf(state, call.id, caller.tenantId, route.body.maxBytes, init) : await uploadsOf(state, call.id, caller.tenantId, route, init.files ?? []);
      const input = inputOf(route, params, query, init, files);
      return await invoke({ id: call.id, handler: `route:${route.name}`, input: input as unknown as Json, identity: caller, link: found?.link ?? null, timeoutMs: route.timeoutMs ?? 30_000 }, async (result) =>
        method === 'HEAD' ? { ...responseOf(state, route, caller.tenantId, call.id, result as unknown as ReplyWire), body: null, text: null, bytes: null } : responseOf(state, route, caller.tenantId, call.id, result as unknown as ReplyWire),
      );
    } catch (error) {
      const wire = toWireError(error);
      if (wire.code === 'INTERNAL_SERVER_ERROR') throw error;
      return errorResponse(wire, call.id);
    }
  };
}

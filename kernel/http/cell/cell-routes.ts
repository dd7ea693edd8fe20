import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { DeadlineExceeded, type BodyManifest, type Json, type JsonObject, type Manifest, type RouteManifest } from '@proofpix/sdk';
import { linearRegExp } from '../../database/collections/linear-regexp.ts';
import type { Logger } from '../../log.ts';
import type { CellBackend, RequestScope } from '../contract.ts';
import { withDeadline } from '../deadline.ts';
import { refuseForbiddenKeys } from '../errors/error-contract.ts';
import { validationError } from '../errors/validation-error.ts';
import { createTextValidator } from '../schema-compilers.ts';
import { provenBody } from '../signed-body.ts';
import { browserOf } from './browser-id.ts';
import { readForm } from './multipart-body.ts';
import { pluginHeaders } from './request-headers.ts';
import { sendReply } from './send-reply.ts';
import { readUpload, unhurried } from './upload-body.ts';

export interface CellRouteDeps {
  manifest: Manifest;
  backend: CellBackend;
  log: Logger;
  /** Where a route's path is mounted. */
  pathOf(route: RouteManifest): string;
  scopeOf(request: FastifyRequest): RequestScope;
  /** Keeps the cell for work that outlives its connection, until the returned function is called. */
  hold(): () => void;
  /** The deployment's own limit for one uploaded file. */
  maxFileBytes: number;
  /** Users reach the deployment by https, so cookies may say so. */
  secureCookies: boolean;
}

const defaultJsonBytes = 1_048_576;
const defaultTimeoutMs = 30_000;
/** What the runtime is given beyond the deadline to say itself why it stopped. */
const graceMs = 1_000;
/** A body that no schema asked for is read and dropped, up to here. */
const ignoredBytes = 65_536;

type Kind = BodyManifest['kind'] | 'none';
type Input = { body: Json; files: JsonObject[]; raw: Buffer | null };

const kindOf = (route: RouteManifest): Kind => route.body?.kind ?? 'none';

function registerRoute(instance: FastifyInstance, route: RouteManifest, deps: CellRouteDeps): void {
  const { backend, log, manifest } = deps;
  const { body } = route;
  const timeoutMs = (route.timeoutMs ?? defaultTimeoutMs) + graceMs;

  async function run(request: FastifyRequest, reply: FastifyReply, input: Input, scope = deps.scopeOf(request)): Promise<FastifyReply> {
    const proof = provenBody(request.raw);
    if (proof !== undefined) await proof;
    const browser = route.browser === true ? browserOf(request.raw.headers.cookie, manifest.id, deps.secureCookies) : null;
    if (browser?.setCookie != null) reply.header('set-cookie', browser.setCookie);
    // a runtime that hangs must not keep the request for ever; once the connection is cut, nobody waits
    const wire = await withDeadline(
      backend.invoke(scope, route, {
        params: request.params as Record<string, string>,
        query: request.query as JsonObject,
        body: input.body,
        headers: pluginHeaders(request.raw.headers),
        files: input.files,
        rawBase64: input.raw === null ? null : input.raw.toString('base64'),
        browser: browser?.id ?? null,
      }),
      timeoutMs,
      DeadlineExceeded,
      { idle: true },
    );
    // nobody is there to hear it
    if (request.raw.destroyed && !request.raw.complete) return reply.hijack();
    return sendReply(request, reply, wire, { pluginId: manifest.id, route, backend, scope, log });
  }

  const checkFields = body?.kind === 'multipart' && body.fields !== undefined ? createTextValidator(body.fields, linearRegExp) : null;

  async function runForm(request: FastifyRequest, reply: FastifyReply, form: Extract<BodyManifest, { kind: 'multipart' }>): Promise<FastifyReply> {
    const scope = deps.scopeOf(request);
    const handles: string[] = [];
    try {
      const { fields, files } = await readForm(request, form, deps.maxFileBytes, backend, scope, handles);
      if (checkFields !== null && !checkFields(fields)) throw validationError('body', checkFields.errors?.[0] ?? { keyword: '', instancePath: '', params: {} });
      return await run(request, reply, { body: fields, files, raw: null });
    } finally {
      await discard(scope, handles);
    }
  }

  async function runUpload(request: FastifyRequest, reply: FastifyReply, upload: Extract<BodyManifest, { kind: 'upload' }>): Promise<FastifyReply> {
    const scope = unhurried(deps.scopeOf(request));
    const handles: string[] = [];
    const release = deps.hold();
    try {
      const file = await readUpload(request, upload, deps.maxFileBytes, backend, scope, handles);
      return await run(request, reply, { body: null, files: [file], raw: null }, scope);
    } finally {
      await discard(scope, handles);
      release();
    }
  }

  async function discard(scope: RequestScope, handles: readonly string[]): Promise<void> {
    if (handles.length > 0) await backend.discard(scope, handles).catch((error: unknown) => log.warn({ err: error, pluginId: manifest.id }, 'uploads of a finished request could not be dropped'));
  }

  const schema: Record<string, unknown> = {};
  if (route.params !== undefined) schema['params'] = route.params;
  if (route.query !== undefined) schema['querystring'] = route.query;
  if (body?.kind === 'json') schema['body'] = body.schema;
  if (route.response !== undefined) schema['response'] = { '2xx': route.response };
  const bodyLimit = body === undefined ? ignoredBytes : body.kind === 'multipart' ? (Math.min(body.maxBytes, deps.maxFileBytes) + 65_536) * body.maxFiles : (body.maxBytes ?? defaultJsonBytes);
  const options: RouteShorthandOptions = {
    config: { access: route.access, cellRoute: route },
    schema,
    bodyLimit,
    preValidation: (request, _reply, done) => {
      refuseForbiddenKeys(request);
      done();
    },
  };
  instance.route({
    ...options,
    method: route.method,
    url: deps.pathOf(route),
    handler(request, reply) {
      if (body?.kind === 'multipart') return runForm(request, reply, body);
      if (body?.kind === 'upload') return runUpload(request, reply, body);
      if (body?.kind === 'raw') return run(request, reply, { body: null, files: [], raw: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) });
      return run(request, reply, { body: (body === undefined ? null : request.body) as Json, files: [], raw: null });
    },
  });
}

/** Body parsing differs by kind, and the framework keeps parsers per context: one context for each kind in use. */
export async function registerCellRoutes(fastify: FastifyInstance, deps: CellRouteDeps): Promise<void> {
  const parsers: Record<Kind, (instance: FastifyInstance) => Promise<void>> = {
    async json(instance) {
      instance.removeContentTypeParser('text/plain');
    },
    async raw(instance) {
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
    },
    async upload(instance) {
      instance.removeAllContentTypeParsers();
      // the handler reads it, as it arrives
      instance.addContentTypeParser('*', (_request, _stream, done) => done(null));
    },
    async multipart(instance) {
      instance.removeAllContentTypeParsers();
      await instance.register(multipart);
    },
    async none(instance) {
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _bytes, done) => done(null, undefined));
    },
  };
  for (const [kind, routes] of Map.groupBy(deps.manifest.routes, kindOf)) {
    await fastify.register(async (instance) => {
      await parsers[kind](instance);
      for (const route of routes) registerRoute(instance, route, deps);
    });
  }
}

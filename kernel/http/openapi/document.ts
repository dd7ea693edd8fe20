import type { Manifest, RouteManifest } from '@proofpix/sdk';
import type { Access } from '../fastify-types.ts';

export type JsonMap = Record<string, unknown>;

/** A kernel route, as the framework knows it. */
export interface KernelRoute {
  method: string;
  /** With `:name` parameters. */
  url: string;
  access: Access;
  operationId: string;
  summary?: string | undefined;
  permission?: string | undefined;
  schema?: { params?: unknown; querystring?: unknown; body?: unknown; response?: unknown } | undefined;
}

/** One operation, whoever provides it. */
interface Operation {
  method: string;
  path: string;
  access: Access;
  operationId: string;
  tag: string;
  summary?: string | undefined;
  permission?: string | undefined;
  params?: unknown;
  query?: unknown;
  body?: JsonMap | undefined;
  responses: JsonMap;
  idempotencyKey: boolean;
  /** `X-Team-Id` has no say there. */
  pathNamesTeam: boolean;
}

const errorStatuses: readonly (readonly [status: string, text: string])[] = [
  ['400', 'The request is not valid.'],
  ['429', 'Too many requests; retry after `retryAfter` seconds.'],
  ['500', 'Our fault; quote the request id.'],
  ['503', 'Not available right now.'],
];
const credentialErrors: readonly (readonly [status: string, text: string])[] = [
  ['401', 'Credentials are missing or not valid.'],
  ['403', 'The caller may not do this.'],
];
const errorReference = { $ref: '#/components/responses/Error' };

const components: JsonMap = {
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a login.' },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  },
  schemas: {
    Error: {
      type: 'object',
      required: ['error', 'message', 'details', 'requestId'],
      properties: {
        error: { type: 'string', description: 'A code to match on, e.g. VALIDATION_ERROR.' },
        message: { type: 'string' },
        details: { type: 'object', description: 'For VALIDATION_ERROR: `field` and `issue`.' },
        retryAfter: { type: 'integer', description: 'Seconds; with 429 and 503.' },
        requestId: { type: 'string' },
      },
    },
  },
  responses: { Error: { description: 'An error', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } } },
  parameters: {
    TeamId: { name: 'X-Team-Id', in: 'header', description: "Which team, for a member of several; default is the token's.", schema: { type: 'string' } },
    IdempotencyKey: { name: 'Idempotency-Key', in: 'header', description: 'Makes a repeated request answer with the first reply, for 24 hours.', schema: { type: 'string', minLength: 1, maxLength: 255 } },
  },
};

/** Keywords of a form's file part in OpenAPI 3.1 (section 4.8.14.3, binary streams). */
const filePart = { type: 'string', contentMediaType: 'application/octet-stream' };

function isSchema(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain JSON, without what a schema library adds for itself. */
const plain = (schema: unknown): JsonMap => JSON.parse(JSON.stringify(schema ?? {})) as JsonMap;

function pathParameters(path: string, schema: unknown): JsonMap[] {
  const properties = isSchema(schema) && isSchema(schema['properties']) ? schema['properties'] : {};
  return [...path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: isSchema(properties[name]) ? plain(properties[name]) : { type: 'string' } }));
}

function queryParameters(schema: unknown): JsonMap[] {
  if (!isSchema(schema) || !isSchema(schema['properties'])) return [];
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(schema['properties']).map(([name, property]) => {
    const { description, ...rest } = plain(property);
    return { name, in: 'query', required: required.has(name), ...(typeof description === 'string' ? { description } : {}), schema: rest };
  });
}

const accessNotes: Readonly<Record<Access, string>> = {
  public: 'Needs no credentials.',
  user: 'Needs a signed-in user or an API key.',
  tenant: 'Needs a member of a team.',
  operator: 'Needs an operator of the deployment.',
};

function describe(operation: Operation): JsonMap {
  const { access, permission, path } = operation;
  const errors = [...errorStatuses, ...(access === 'public' ? [] : credentialErrors), ...(path.includes(':') ? ([['404', 'There is no such resource.']] as const) : []), ...(operation.idempotencyKey ? ([['409', 'The request conflicts with the current state.']] as const) : [])];
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    description: permission === undefined ? accessNotes[access] : `${accessNotes[access]} Permission: \`${permission}\`.`,
    'x-access': access,
    ...(permission === undefined ? {} : { 'x-permission': permission }),
    security: access === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }],
    parameters: [
      ...pathParameters(path, operation.params),
      ...queryParameters(operation.query),
      ...(access === 'public' || operation.pathNamesTeam ? [] : [{ $ref: '#/components/parameters/TeamId' }]),
      ...(operation.idempotencyKey ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ],
    ...(operation.body === undefined ? {} : { requestBody: { required: true, content: operation.body } }),
    responses: { ...operation.responses, ...Object.fromEntries(errors.map(([status]) => [status, errorReference])) },
  };
}

function routeBody(route: RouteManifest): JsonMap | undefined {
  const { body } = route;
  if (body === undefined) return undefined;
  if (body.kind === 'json') return { 'application/json': { schema: plain(body.schema) } };
  if (body.kind === 'raw' || body.kind === 'upload') return { '*/*': { schema: {} } };
  const fields = plain(body.fields);
  const properties = isSchema(fields['properties']) ? fields['properties'] : {};
  const file = body.maxFiles === 1 ? filePart : { type: 'array', items: filePart, maxItems: body.maxFiles };
  return { 'multipart/form-data': { schema: { ...fields, type: 'object', properties: { ...properties, file } } } };
}

function routeResponses(route: RouteManifest): JsonMap {
  const types = route.produces ?? [];
  const content = { ...(route.response === undefined ? {} : { 'application/json': { schema: plain(route.response) } }), ...Object.fromEntries(types.map((type) => [type, { schema: {} }])) };
  return { [String(route.status ?? 200)]: { description: 'Done', ...(Object.keys(content).length === 0 ? {} : { content }) } };
}

function pluginOperation(manifest: Manifest, route: RouteManifest, path: string): Operation {
  return {
    method: route.method, path, access: route.access, operationId: `${manifest.id}.${route.name}`, tag: manifest.id, summary: route.summary, permission: route.permission,
    params: route.params, query: route.query, body: routeBody(route), responses: routeResponses(route), idempotencyKey: route.method === 'POST' && route.secretReply !== true, pathNamesTeam: route.tenantParam !== undefined,
  };
}

function kernelOperation(route: KernelRoute): Operation {
  const { schema = {} } = route;
  const responses = isSchema(schema.response) ? schema.response : { 200: undefined };
  return {
    method: route.method, path: route.url, access: route.access, operationId: route.operationId, tag: route.operationId.split('.')[0] ?? 'kernel', summary: route.summary, permission: route.permission,
    params: schema.params, query: schema.querystring, body: schema.body === undefined ? undefined : { 'application/json': { schema: plain(schema.body) } },
    responses: Object.fromEntries(Object.entries(responses).map(([status, reply]) => [status.toUpperCase(), { description: 'Done', ...(reply === undefined ? {} : { content: { 'application/json': { schema: plain(reply) } } }) }])),
    idempotencyKey: route.method === 'POST',
    pathNamesTeam: false,
  };
}

export interface DocumentInput {
  version: string;
  serverUrl: string;
  kernel: readonly KernelRoute[];
  manifests: readonly Manifest[];
  /** Where a manifest's route is mounted. */
  pathOf(manifest: Manifest, route: RouteManifest): string;
}

/** An OpenAPI 3.1 document of these routes. */
export function openApiDocument(input: DocumentInput): JsonMap {
  const operations = [...input.kernel.map(kernelOperation), ...input.manifests.flatMap((manifest) => manifest.routes.map((route) => pluginOperation(manifest, route, input.pathOf(manifest, route))))];
  const paths: Record<string, JsonMap> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:([A-Za-z0-9_]+)/g, '{$1}');
    (paths[path] ??= {})[operation.method.toLowerCase()] = describe(operation);
  }
  const titles = new Map(input.manifests.map((manifest) => [manifest.id, manifest]));
  const tags = [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name, ...(titles.has(name) ? { description: titles.get(name)?.description } : {}) }));
  return { openapi: '3.1.0', info: { title: 'ProofPix', version: input.version }, servers: [{ url: input.serverUrl }], tags, paths, components };
}

import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { type BodyManifest, type Json, type JsonObject, PayloadTooLarge } from '@proofpix/sdk';
import type { CellBackend, RequestScope } from '../contract.ts';
import { invalid } from '../errors/validation-error.ts';

export interface FormBody {
  fields: JsonObject;
  files: Record<string, Json>[];
}

/** Of the parts beside the files. */
const maxFields = 100;
const fieldBytes = 65_536;
const nameBytes = 100;
const partHeaders = 32;

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** JSON from a text field, without keys that would reach a prototype. */
function parseOptions(text: string): Json {
  try {
    return JSON.parse(text, (key, value: Json) => {
      if (forbidden.has(key)) throw new SyntaxError('forbidden key');
      return value;
    }) as Json;
  } catch {
    throw invalid('body.options', 'is not valid JSON or has a forbidden key');
  }
}

/** Base name without control characters, as the SDK promises. */
function baseName(filename: string | undefined): string {
  const name = (filename ?? '').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  return name.replaceAll(/\p{Cc}/gu, '').slice(0, 255);
}

async function receiveFile(part: MultipartFile, limits: { maxBytes: number; ephemeral: boolean }, backend: CellBackend, scope: RequestScope, handles: string[]): Promise<Record<string, Json>> {
  const { maxBytes } = limits;
  const init = { field: part.fieldname, filename: baseName(part.filename), declaredType: part.mimetype === '' ? null : part.mimetype, ...limits };
  const file = await backend.upload(scope, init, part.file).catch((error: unknown) => {
    // the stream broke by itself: the form ended in the middle of the file
    throw part.file.errored === null ? error : invalid('body', 'is a form that ends early');
  });
  if (typeof file['handle'] === 'string') handles.push(file['handle']);
  // the parser cuts at the limit and says so; the store saw a shorter file and cannot know
  if (part.file.truncated) throw PayloadTooLarge({ message: 'A file is too large.', details: { field: `body.${part.fieldname}`, maxBytes } });
  return file;
}

type Limits = NonNullable<NonNullable<Parameters<FastifyRequest['parts']>[0]>['limits']>;

/** The parser reports a form that is no form by plain errors; the framework's own refusals have codes. */
async function* readParts(request: FastifyRequest, limits: Limits): AsyncGenerator<Multipart> {
  const parts = request.parts({ limits });
  for (;;) {
    const next = await parts.next().catch((error: unknown) => {
      throw typeof (error as { code?: unknown }).code === 'string' ? error : invalid('body', 'is not a valid multipart form');
    });
    if (next.done === true) return;
    yield next.value;
  }
}

/**
 * Reads a multipart form: each file goes to the store as it arrives, in constant memory. Handles of
 * stored files are pushed to `handles` at once, so that they can be dropped whatever happens next.
 *
 * @throws VALIDATION_ERROR, PAYLOAD_TOO_LARGE, and the framework's own for a form that is no form
 */
export async function readForm(request: FastifyRequest, body: Extract<BodyManifest, { kind: 'multipart' }>, maxFileBytes: number, backend: CellBackend, scope: RequestScope, handles: string[]): Promise<FormBody> {
  const maxBytes = Math.min(body.maxBytes, maxFileBytes);
  const limits = { files: body.maxFiles, fileSize: maxBytes, fields: maxFields, fieldSize: fieldBytes, fieldNameSize: nameBytes, parts: body.maxFiles + maxFields, headerPairs: partHeaders };
  const fields: Record<string, Json> = {};
  const files: Record<string, Json>[] = [];
  for await (const part of readParts(request, limits)) {
    if (forbidden.has(part.fieldname)) throw invalid('body', 'has a field with a forbidden name');
    if (part.type === 'file') {
      files.push(await receiveFile(part, { maxBytes, ephemeral: body.ephemeral === true }, backend, scope, handles));
      continue;
    }
    if (part.fieldnameTruncated || part.valueTruncated) throw PayloadTooLarge({ message: 'A field of the form is too large.', details: { field: `body.${part.fieldname}` } });
    const value = part.fieldname === 'options' && typeof part.value === 'string' ? parseOptions(part.value) : (part.value as Json);
    const before = fields[part.fieldname];
    fields[part.fieldname] = before === undefined ? value : [...(Array.isArray(before) ? (before as Json[]) : [before]), value];
  }
  // a body cut off by the client ends the parser quietly
  if (request.raw.destroyed && !request.raw.complete) throw invalid('body', 'ended early');
  return { fields, files };
}
